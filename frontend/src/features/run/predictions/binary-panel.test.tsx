import { fireEvent, screen, within } from "@testing-library/react";
import { beforeEach, expect, test, vi } from "vitest";

import type { PredictedImage } from "../../../api/types";
import { exampleStepTable } from "../../../testing/example-scores";
import { exampleImage, examplePredictions } from "../../../testing/examples";
import { FakeServer } from "../../../testing/fake-server";
import { renderPage } from "../../../testing/render-page";
import { PredictionPanel } from "./prediction-panel";

vi.mock("../../../lib/index-map", () => ({ readIndexMap: () => Promise.resolve({ width: 2, height: 1, ids: Uint8Array.from([0, 1]) }) }));

beforeEach(() => {
  // jsdom has no canvas; what is painted is tested in mask-painting.test.ts.
  vi.spyOn(HTMLCanvasElement.prototype, "getContext").mockReturnValue(null);
  const image: PredictedImage = { ...exampleImage(0, [1]), kind: "binary" };
  const empty: PredictedImage = { ...exampleImage(1, []), kind: "binary" };
  new FakeServer()
    .get("/api/v1/runs/{run_id}/predictions", () => ({ ...examplePredictions(), items: [image, empty] }))
    .get("/api/v1/runs/{run_id}/step-table", () => exampleStepTable());
  renderPage(() => <PredictionPanel runId="run-1" />, "/", "/");
});

test("masks lie over the picture, with the IoU under each tile", async () => {
  const drawn = await screen.findByRole("img", { name: "prediction after step 1 of image-0" });
  expect(drawn.parentElement?.querySelector("img")?.getAttribute("src")).toBe("/api/v1/predictions/0/image");
  expect(await screen.findByRole("img", { name: "ground truth of image-0" })).toBeTruthy();
  expect(screen.getByText("IoU 80.0")).toBeTruthy();
  expect(screen.getAllByText("nothing there, nothing found")).toHaveLength(2);
});

test("errors are told apart as false positives and false negatives, and there is no class to choose", async () => {
  fireEvent.click(await screen.findByRole("radio", { name: "errors" }));
  expect(await screen.findByRole("img", { name: "errors after step 0 of image-0" })).toBeTruthy();
  const legend = screen.getByRole("group", { name: "legend" });
  expect([...legend.children].map((entry) => entry.textContent)).toEqual(["true positive", "false positive", "false negative"]);
  expect(screen.queryByRole("combobox", { name: "highlighted class" })).toBeNull();
});

test("the legend of masks names the foreground", async () => {
  expect((await screen.findByRole("group", { name: "legend" })).textContent).toBe("ball");
});

test("large, the scores of the picture stand below", async () => {
  fireEvent.click(await screen.findByRole("button", { name: "step 0 of image-0, large" }));
  const dialog = within(await screen.findByRole("dialog"));
  expect([dialog.getByText("IoU 80.0"), dialog.getByText("90.0 % of the pixels right")]).toHaveLength(2);
});
