import { screen } from "@testing-library/react";
import { expect, test } from "vitest";

import type { ModelTests as Tests } from "../../api/types";
import { exampleStage } from "../../testing/examples";
import { FakeServer } from "../../testing/fake-server";
import { renderPage } from "../../testing/render-page";
import { ModelTests, TestedModel } from "./model-tests";
import { TestLink } from "./stages/test-link";

const TEST: Tests["items"][number] = {
  stage_id: "stage-1",
  run_id: "r9",
  experiment_name: "test of train",
  stream: "on night + rain",
  state: "succeeded",
  score: 0.512,
  score_name: "mIoU",
  created_at: "2026-01-02T03:04:05Z",
};

function serve(tests: Partial<Tests>) {
  return new FakeServer().get("/api/v1/runs/{run_id}/model-tests", () => ({ can_test: true, tested: null, items: [], ...tests }));
}

test("tests of a run's models are listed with test sets and score, and lead to their runs", async () => {
  serve({ items: [TEST, { ...TEST, run_id: "r8", state: "running", score: null }] });
  renderPage(() => <ModelTests runId="r1" stages={[exampleStage(0), exampleStage(1, { name: "learn-night" })]} />, "/", "/");
  const links = await screen.findAllByText("on night + rain");
  expect(links.map((link) => link.getAttribute("href"))).toEqual(["/runs/r9", "/runs/r8"]);
  expect(screen.getByText("51.2 mIoU")).toBeTruthy();
  expect(screen.getAllByText("learn-night").length).toBe(2);
});

test("a test names the run whose model it tests", async () => {
  serve({ tested: { stage_id: "s", stage_index: 2, stage_name: "train-2", run_id: "r1", experiment_name: "parent", seed: 4 } });
  renderPage(() => <TestedModel runId="r9" />, "/", "/");
  expect((await screen.findByText("parent, seed 4")).getAttribute("href")).toBe("/runs/r1");
});

test("only a finished training of a method whose models can be tested leads to a test", async () => {
  serve({});
  const stages = [exampleStage(0, { state: "succeeded" }), exampleStage(1, { state: "succeeded", kind: "select" }), exampleStage(2)];
  renderPage(() => stages.map((stage) => <TestLink key={stage.id} stage={stage} />), "/", "/");
  const links = await screen.findAllByText("Test on other data…");
  expect(links.map((link) => link.getAttribute("href"))).toEqual(["/launch?test=stage-0"]);
});

test("models that cannot be tested have no link", async () => {
  const asked: string[] = [];
  new FakeServer().get("/api/v1/runs/{run_id}/model-tests", () => {
    asked.push("asked");
    return { can_test: false, tested: null, items: [] };
  });
  renderPage(() => <TestLink stage={exampleStage(0, { state: "succeeded" })} />, "/", "/");
  await expect.poll(() => asked).toEqual(["asked"]);
  expect(screen.queryByText("Test on other data…")).toBeNull();
});
