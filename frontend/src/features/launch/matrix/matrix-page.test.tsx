import { fireEvent, screen, within } from "@testing-library/react";
import { expect, test } from "vitest";

import type { MatrixResult, RunMatrix } from "../../../api/types";
import { exampleScoring } from "../../../testing/example-scores";
import { FakeProblem, FakeServer } from "../../../testing/fake-server";
import { renderPage } from "../../../testing/render-page";
import { MatrixPage } from "./matrix-page";

const MATRICES = "/api/v1/run-matrices";

/** What a service makes of a matrix: one experiment for each pair of method and override. */
function expanded(body: RunMatrix, isDryRun: boolean): MatrixResult {
  const overrides = body.overrides?.length ? body.overrides.map(({ name }) => name) : [null];
  const pairs = body.methods.flatMap(({ preset }) => overrides.map((override) => ({ preset: preset ?? "", override })));
  const experiments = pairs.map(({ preset, override }, place) => ({
    name: override === null ? preset : `${preset}, ${override}`,
    method: preset.split("/")[0] ?? "",
    preset,
    override,
    digest: String(place).repeat(64),
    stages: 2,
    iterations: 1200,
    present_seeds: place === 0 ? [0] : [],
    warnings: [],
    experiment_id: isDryRun ? null : `e${place}`,
    runs: isDryRun ? [] : body.seeds.map((seed) => ({ id: `r${place}${seed}`, seed })),
  }));
  return { is_dry_run: isDryRun, count: experiments.length * body.seeds.length, seeds: body.seeds, experiments };
}

function serve(refusal: FakeProblem | null = null) {
  const keys: (string | null)[] = [];
  const method = (name: string) => ({ name, title: name, summary: "", publication: "", stream: "class_incremental", samples: "dense", presets: [`${name}/demo`], scoring: exampleScoring() });
  const server = new FakeServer()
    .get("/api/v1/methods", () => ({ items: [method("eir"), method("finetune")], next_cursor: null }))
    .post(MATRICES, ({ url, headers, body }) => {
      const isDryRun = url.searchParams.get("dry_run") === "true";
      if (!isDryRun) {
        keys.push(headers.get("Idempotency-Key"));
      }
      return refusal ?? expanded(body as RunMatrix, isDryRun);
    });
  return { server, keys };
}

async function choose(...presets: string[]) {
  const field = await screen.findByRole("combobox", { name: "Methods" });
  for (const preset of presets) {
    fireEvent.click(field);
    fireEvent.click(await screen.findByRole("option", { name: preset }));
  }
}

test("a matrix is expanded and counted before anything is created", async () => {
  const { server } = serve();
  renderPage(MatrixPage, "/launch/matrix", "/launch/matrix");
  await choose("eir/demo", "finetune/demo");
  fireEvent.change(screen.getByLabelText("Seeds"), { target: { value: "0, 1" } });
  fireEvent.click(screen.getByRole("button", { name: "Add an override" }));
  const line = within(screen.getByRole("group", { name: "override 1" }));
  fireEvent.change(line.getByLabelText("Name"), { target: { value: "small" } });
  fireEvent.change(line.getByLabelText("Settings"), { target: { value: "config.memory.size: 12" } });
  expect(await screen.findByText("2 experiments × 2 seeds = 4 runs")).toBeTruthy();
  const table = within(screen.getByRole("table", { name: "experiments of the matrix" }));
  expect(await table.findByText("finetune/demo, small")).toBeTruthy();
  expect(table.getByText(/run before with seed 0/)).toBeTruthy();
  expect(server.requests.filter((request) => request === `POST ${MATRICES}`)).toEqual([]);
  expect(server.bodies.at(-1)).toMatchObject({ overrides: [{ name: "small", values: { "config.memory.size": 12 } }], seeds: [0, 1] });
});

test("a started matrix leads to its experiments, and the same one again has the same key", async () => {
  const { keys } = serve();
  renderPage(MatrixPage, "/launch/matrix", "/launch/matrix");
  await choose("eir/demo", "finetune/demo");
  fireEvent.click(await screen.findByRole("button", { name: "Start 6 runs" }));
  expect((await screen.findByRole("status")).textContent).toBe("6 runs of 2 experiments started.");
  expect(screen.getByRole("link", { name: "finetune/demo" }).getAttribute("href")).toBe(`/experiments/${"1".repeat(64)}`);
  expect(screen.getByRole("link", { name: "Compare them" }).getAttribute("href")).toBe(`/compare?experiments=${"0".repeat(64)},${"1".repeat(64)}`);
  fireEvent.click(screen.getByRole("button", { name: "Change the matrix" }));
  fireEvent.click(await screen.findByRole("button", { name: "Start 6 runs" }));
  await screen.findByRole("status");
  expect(keys).toHaveLength(2);
  expect(keys[0]).toBe(keys[1]);
});

test("a refusal says what is wrong, and nothing can be started", async () => {
  serve(new FakeProblem({ status: 422, detail: "the matrix has 2 experiments with 101 seeds each, 202 runs in all; at most 200 are started at once" }));
  renderPage(MatrixPage, "/launch/matrix", "/launch/matrix");
  await choose("eir/demo");
  expect(await screen.findByText(/202 runs in all; at most 200/)).toBeTruthy();
  expect(screen.getByRole<HTMLButtonElement>("button", { name: "Start" }).disabled).toBe(true);
});
