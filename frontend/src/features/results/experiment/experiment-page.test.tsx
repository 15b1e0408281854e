import { fireEvent, screen, within } from "@testing-library/react";
import { expect, test } from "vitest";

import type { ExperimentResults } from "../../../api/types";
import { exampleResults, exampleSeedRun, exampleStatistic } from "../../../testing/example-results";
import { FakeProblem, FakeServer } from "../../../testing/fake-server";
import { renderPage } from "../../../testing/render-page";
import { ExperimentPage } from "./experiment-page";

const PATH = "/experiments/:experimentKey";
const { digest: DIGEST } = exampleResults();
const ADDRESS = `/experiments/${DIGEST}`;
const SEEDS = "/api/v1/experiments/{experiment_key}/seeds";

function serverWith(changes: Partial<ExperimentResults> = {}): FakeServer {
  return new FakeServer().get("/api/v1/experiments/{experiment_key}/results", () => exampleResults(changes));
}

const line = async (table: string, name: RegExp) => {
  const row = within(await screen.findByRole("table", { name: table })).getByRole("rowheader", { name }).closest("tr");
  return within(row ?? document.body);
};

test("every measure is a mean with its deviation and number of seeds, and each seed's value stands beside it", async () => {
  const values = { values: [0.602, 0.612, 0.622] };
  serverWith({ summary: [exampleStatistic(0.612, values), exampleStatistic(0.3, { n: 2, undefined: 1, values: [0.2, null, 0.4] }), null] });
  renderPage(ExperimentPage, PATH, ADDRESS);
  const score = await line("results", /^mIoU/);
  expect(score.getByText("61.2 ± 1.0")).toBeTruthy();
  expect(score.getByText("n = 3")).toBeTruthy();
  expect(score.getByText("62.2")).toBeTruthy();
  const forgetting = await line("results", /^F/);
  expect(forgetting.getByText("n = 2, undefined in 1 of 3 seeds")).toBeTruthy();
  expect(forgetting.getByText("–")).toBeTruthy();
  expect(document.title).toBe("replay · Palimpsest");
});

test("the scores after every step say where a seed has none", async () => {
  serverWith();
  renderPage(ExperimentPage, PATH, ADDRESS);
  const last = await line("mIoU, by class group", /step 1/);
  expect(last.getByText("50.0 ± 1.0")).toBeTruthy();
  expect(last.getByText("n = 2, undefined in 1 of 3 seeds")).toBeTruthy();
});

test("the runs say how far each is, and why one is not counted", async () => {
  const runs = [exampleSeedRun(0), exampleSeedRun(1, { state: "running", step: 0, score: 0.41 }), exampleSeedRun(2, { is_counted: false, note: "an older run of seed 0", step: null, score: null })];
  serverWith({ runs, seeds: [0, 1], states: { succeeded: 2, running: 1 } });
  renderPage(ExperimentPage, PATH, ADDRESS);
  const table = within(await screen.findByRole("table", { name: "runs" }));
  const rows = table.getAllByRole("row").slice(1).map((row) => row.textContent);
  expect(rows[0]).toMatch(/^seed 0.*60\.0step 1yes/);
  expect(rows[1]).toMatch(/^seed 1.*41\.0step 0, not finished/);
  expect(rows[2]).toMatch(/not tested yetan older run of seed 0/);
  expect(screen.getByText("2 succeeded, 1 running")).toBeTruthy();
});

test("a reference of the stream shows the gap to it", async () => {
  const role = { role: "joint", stream_digest: "c".repeat(64), digest: "d".repeat(64), name: "all at once", method: "joint", author: "ada", created_at: "2026-01-02T03:04:05.000Z" } as const;
  serverWith({ references: [{ ...role, reached: { step: 0, is_final: true }, seeds: [0], summary: [exampleStatistic(0.7), null, null], gaps: [[-0.088, null, null]] }] });
  renderPage(ExperimentPage, PATH, ADDRESS);
  expect((await line("results", /^mIoU/)).getByText("−8.8")).toBeTruthy();
  expect(screen.getByRole("columnheader", { name: "gap to joint training" }).title).toBe("all at once");
});

test("seeds are added under one key, however often the request is sent", async () => {
  const keys: (string | null)[] = [];
  const server = serverWith().post(SEEDS, ({ headers }) => {
    keys.push(headers.get("Idempotency-Key"));
    return keys.length === 1 ? new FakeProblem({ status: 503, detail: "try again" }) : { items: [] };
  });
  renderPage(ExperimentPage, PATH, ADDRESS);
  fireEvent.click(await screen.findByRole("button", { name: "Add seeds" }));
  const field = await screen.findByLabelText<HTMLInputElement>("Seeds");
  expect(field.value).toBe("3, 4");
  fireEvent.change(field, { target: { value: "3-x" } });
  expect(screen.getByText(/3-x is no seed/)).toBeTruthy();
  fireEvent.change(field, { target: { value: "7-9" } });
  fireEvent.click(screen.getByRole("button", { name: "Start 3 runs" }));
  await screen.findByText("try again");
  fireEvent.click(screen.getByRole("button", { name: "Start 3 runs" }));
  await expect.poll(() => screen.queryByRole("dialog")).toBeNull();
  expect(server.bodies).toContainEqual({ seeds: [7, 8, 9] });
  expect(keys[0]).toBe(keys[1]);
  expect(keys[0]).toMatch(/^[0-9a-f]{32}$/);
});

test("an experiment that nobody stored is said to be missing", async () => {
  new FakeServer();
  renderPage(ExperimentPage, PATH, "/experiments/none");
  expect(await screen.findByText("There is no experiment none")).toBeTruthy();
});
