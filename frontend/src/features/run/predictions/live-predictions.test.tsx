import { screen } from "@testing-library/react";
import { beforeEach, expect, test, vi } from "vitest";

import { exampleImage, examplePredictions, exampleRunDetail } from "../../../testing/examples";
import { say, serveRun, watchStreams } from "../../../testing/fake-run";
import { renderPage } from "../../../testing/render-page";
import { RunPage } from "../run-page";

vi.mock("../../../components/line-chart", () => ({ LineChart: () => null }));
vi.mock("../../../lib/index-map", () => ({ readIndexMap: () => Promise.resolve({ width: 1, height: 1, ids: Uint8Array.from([1]) }) }));

beforeEach(() => {
  vi.spyOn(HTMLCanvasElement.prototype, "getContext").mockReturnValue(null);
  watchStreams();
});

test("a step's column appears with its scores", async () => {
  let done = 1;
  serveRun(exampleRunDetail({ id: "run-1" })).get("/api/v1/runs/{run_id}/predictions", () => {
    const image = exampleImage(0, [1]);
    return { ...examplePredictions(), items: [{ ...image, steps: image.steps.slice(0, done) }] };
  });
  renderPage(RunPage, "/runs/:runId", "/runs/run-1");
  expect(await screen.findByRole("img", { name: "prediction after step 0 of image-0" })).toBeTruthy();
  expect(screen.queryByRole("img", { name: "prediction after step 1 of image-0" })).toBeNull();
  done = 2;
  say("score", 11, { stage_id: "stage-1", index: 1, step: 1, split: "test" });
  expect(await screen.findByRole("img", { name: "prediction after step 1 of image-0" })).toBeTruthy();
});
