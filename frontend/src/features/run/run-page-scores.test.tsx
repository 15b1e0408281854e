import { fireEvent, screen, within } from "@testing-library/react";
import { beforeEach, expect, test, vi } from "vitest";

import { exampleMatrix, exampleStepTable } from "../../testing/example-scores";
import { exampleRunDetail } from "../../testing/examples";
import { serveRun, watchStreams } from "../../testing/fake-run";
import { renderPage } from "../../testing/render-page";
import { RunPage } from "./run-page";

vi.mock("../../components/line-chart", () => ({
  LineChart: ({ label }: { label: string }) => <div role="img" aria-label={label} />,
}));

beforeEach(watchStreams);

test("the measures of forgetting and the matrix of groups come from the service, in words and numbers", async () => {
  serveRun(exampleRunDetail({ state: "succeeded" }));
  renderPage(RunPage, "/runs/:runId", "/runs/run-1");
  const measures = within(await screen.findByLabelText("measures of forgetting of groups by step"));
  expect(measures.getByText(/how far the earlier groups fell behind their best/)).toBeTruthy();
  const rows = measures.getAllByRole("row").map((row) => within(row).queryAllByRole("cell"));
  expect(rows.slice(1).map((cells) => cells.map((cell) => cell.textContent))).toEqual([
    ["80.0", "45.0"],
    ["–", "30.0"],
    ["–", "-30.0"],
    ["80.0", "40.0"],
  ]);
  const matrix = within(screen.getByLabelText("miou_present by step and class group"));
  expect(matrix.getAllByRole("cell").map((cell) => cell.textContent)).toEqual(["80.0", "·", "50.0", "40.0"]);
  expect(matrix.getByText("50.0").title).toBe("-30.0 points since it was learned");
});

test("what cannot be measured is undefined, with the reason, and no number, dash or zero", async () => {
  const table = exampleStepTable();
  const [, last] = table.steps;
  Object.assign(last ?? {}, { iou: [0.9, null, null], is_undefined: [false, true, true], false_share: [null, 0.031, 0] });
  Object.assign(table.means[0] ?? {}, { values: [0.85, null], is_undefined: [false, true] });
  serveRun(exampleRunDetail({ state: "succeeded" })).get("/api/v1/runs/{run_id}/step-table", () => table);
  renderPage(RunPage, "/runs/:runId", "/runs/run-1");
  const cells = within(await screen.findByLabelText("IoU by class and step"));
  const [predicted, absent, mean] = cells.getAllByText("undefined").map((text) => text.closest("td"));
  expect(predicted?.title).toMatch(/no ground truth .* predicted for 3.1 % of the test pixels/);
  expect(predicted?.textContent).toBe("undefinedpredicted: 3.1");
  expect(absent?.title).toMatch(/It was not predicted either/);
  expect(mean?.closest("tr")?.textContent).toMatch(/^miou_present, all classes/);
});

test("domains are columns of R, and the one whose classes are shown is in the address", async () => {
  const columns = ["city", "village"].map((key, step) => ({ key, step_learned: step, class_ids: [] }));
  const rows = exampleMatrix().rows.map((row) => ({ ...row, is_undefined: [row.step === 1, false], values: row.step === 1 ? [null, 0.4] : [0.8, 0.3] }));
  const of = (domain: string | null) => ({
    ...exampleStepTable(),
    domain: domain ?? "city",
    domains: columns.map(({ key, step_learned }) => ({ name: key, step_learned })),
    matrices: [exampleMatrix(), exampleMatrix({ by: "domain", columns, rows })],
  });
  const server = serveRun(exampleRunDetail({ state: "succeeded" })).get("/api/v1/runs/{run_id}/step-table", ({ url }) =>
    of(url.searchParams.get("domain")),
  );
  const page = renderPage(RunPage, "/runs/:runId", "/runs/run-1");
  const matrix = within(await screen.findByLabelText("miou_present by step and domain"));
  expect(matrix.getAllByRole("columnheader").map((head) => head.textContent)).toEqual(["after", "city", "village"]);
  expect(matrix.getAllByRole("cell").map((cell) => cell.textContent)).toEqual(["80.0", "30.0", "undefined", "40.0"]);
  expect(screen.getByLabelText("mIoU of each domain over the steps")).toBeTruthy();
  expect(screen.getByText("mIoU over all domains")).toBeTruthy();
  fireEvent.change(screen.getByLabelText("domain of the classes"), { target: { value: "village" } });
  expect(page.address()).toBe("/runs/run-1?domain=village");
  await expect.poll(() => server.requests.filter((request) => request.endsWith("step-table?domain=village")).length).toBe(1);
});

test("a sequence of domains without classes shows its means, and calls its steps by the domains", async () => {
  const domains = ["city", "village"].map((name, step_learned) => ({ name, step_learned }));
  const means = [{ metric: "last_iou", group: "all", title: "Last IoU: mean over the domains learned so far", direction: "max" as const, values: [0.8, 0.4], is_undefined: [false, false] }];
  const run = exampleRunDetail({ state: "succeeded" });
  const stages = run.stages.map((stage) => ({ ...stage, noun: "domain" }));
  serveRun({ ...run, stages }).get("/api/v1/runs/{run_id}/step-table", () => ({ ...exampleStepTable(), domains, means, classes: [], matrices: [] }));
  renderPage(RunPage, "/runs/:runId", "/runs/run-1");
  const table = within(await screen.findByLabelText("IoU by class and domain"));
  expect(table.getAllByRole("columnheader").map((head) => head.textContent)).toEqual(["mean", "domain 0, city", "domain 1, village"]);
  expect(table.getByText("last_iou").closest("tr")?.textContent).toBe("Last IoU: mean over the domains learned so farlast_iou80.040.0");
  expect(screen.queryByLabelText("order of classes")).toBeNull();
});
