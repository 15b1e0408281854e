import { fireEvent, screen, within } from "@testing-library/react";
import { expect, test, vi } from "vitest";

import type { ExperimentResults } from "../../../api/types";
import { exampleCurve, exampleReference, exampleResults, exampleSeedRun, exampleStatistic } from "../../../testing/example-results";
import { FakeProblem, FakeServer } from "../../../testing/fake-server";
import { renderPage } from "../../../testing/render-page";
import { ExperimentPage } from "./experiment-page";

vi.mock("../../../components/line-chart", () => ({
  LineChart: ({ label, curves }: { label: string; curves: { label: string }[] }) => <div role="img" aria-label={label}>{curves.map((curve) => curve.label).join("; ")}</div>,
}));

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
  serverWith({ references: [exampleReference(1)] });
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

test("curves are means over the seeds, with single seeds and another curve on demand, all in the address", async () => {
  const keys = ["loss", "loss_kd", "lr"].map((key) => ({ key, direction: "min", runs: 2 }));
  serverWith()
    .get("/api/v1/experiments/{experiment_key}/series", () => ({ items: keys, runs: 2 }))
    .get("/api/v1/experiments/{experiment_key}/series/{key}", ({ url }) => ({ ...exampleCurve("replay"), values: url.searchParams.get("values") === "true" ? [[0.4, 0.3], [0.6, 0.5]] : null }));
  const page = renderPage(ExperimentPage, PATH, `${ADDRESS}?curve=lr`);
  const chart = await screen.findByRole("img", { name: "lr" });
  expect(chart.textContent).toBe("replay");
  expect(screen.queryByRole("img", { name: "loss" })).toBeNull();
  fireEvent.click(screen.getByRole("switch", { name: "single seeds" }));
  expect(await screen.findByText("replay; replay, seed 0; replay, seed 1")).toBeTruthy();
  expect(page.address()).toContain("curve=lr&seeds=single");
  expect(screen.getByRole<HTMLAnchorElement>("link", { name: "lr as CSV" }).getAttribute("href")).toBe(
    `/api/v1/experiments/${DIGEST}/series/lr?format=csv&max_points=0&values=true`,
  );
});

test("every table is exported with the columns that it shows", async () => {
  serverWith();
  renderPage(ExperimentPage, PATH, ADDRESS);
  const link = async (name: string) => (await screen.findByRole("link", { name })).getAttribute("href");
  expect(await link("results as LaTeX")).toBe(`/api/v1/experiments/${DIGEST}/results?format=latex&table=summary&columns=score%3Ascore%2Cmiou_present%2Fgroup%3Aforgetting`);
  expect(await link("mIoU, by class group as JSON")).toBe(`/api/v1/experiments/${DIGEST}/results?format=json&table=miou_present%2Fgroup`);
  fireEvent.click(screen.getByRole("switch", { name: "all measures" }));
  expect(await link("results as CSV")).toContain("%2Cwall_s");
});

test("an experiment that nobody stored is said to be missing", async () => {
  new FakeServer();
  renderPage(ExperimentPage, PATH, "/experiments/none");
  expect(await screen.findByText("There is no experiment none")).toBeTruthy();
});
