import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { beforeEach, expect, test, vi } from "vitest";

import type { PanelObject, PredictedImage } from "../../../api/types";
import { exampleStepTable } from "../../../testing/example-scores";
import { exampleImage, exampleObject, examplePredictions } from "../../../testing/examples";
import { FakeProblem, FakeServer } from "../../../testing/fake-server";
import { renderPage } from "../../../testing/render-page";
import { PredictionPanel } from "./prediction-panel";

const TRUTH = [exampleObject({ score: null }), exampleObject({ class_id: 3, score: null, is_unknown: true })];
const FOUND = [exampleObject(), exampleObject({ class_id: null, is_unknown: true, score: 0.4, box: [1, 0, 2, 1] })];
const STEP_0 = "prediction after step 0 of image-0";

let prediction: PanelObject[] | FakeProblem;

beforeEach(() => {
  // jsdom has no canvas; what is painted is tested in mask-painting.test.ts.
  vi.spyOn(HTMLCanvasElement.prototype, "getContext").mockReturnValue(null);
  prediction = FOUND;
});

function show(): void {
  const image: PredictedImage = { ...exampleImage(0, [1, 3]), kind: "instances", width: 4, height: 2 };
  new FakeServer()
    .get("/api/v1/runs/{run_id}/predictions", () => ({ ...examplePredictions(), items: [image] }))
    .get("/api/v1/predictions/{prediction_id}/{picture}", ({ parts }) => {
      const objects = parts[1] === "labels" ? TRUTH : prediction;
      return objects instanceof FakeProblem ? objects : { width: 4, height: 2, objects };
    })
    .get("/api/v1/runs/{run_id}/step-table", () => exampleStepTable());
  renderPage(() => <PredictionPanel runId="run-1" />, "/", "/");
}

/** The boxes of a tile with their names, colours and opacities. */
async function boxes(alt: string): Promise<(string | null | undefined)[][]> {
  const tile = (await screen.findByRole("img", { name: alt })).parentElement;
  return [...(tile?.querySelectorAll("g") ?? [])].map((box) => {
    const shape = box.querySelector("rect");
    return [box.textContent, shape?.getAttribute("stroke"), shape?.getAttribute("class"), box.getAttribute("opacity")];
  });
}

test("objects have boxes with class and score, and unknown ones are marked", async () => {
  show();
  expect(await boxes(STEP_0)).toEqual([
    ["ball 0.90", "#800000", null, "1"],
    ["unknown 0.40", "#d400d4", "panel-box-unknown", "1"],
  ]);
  expect(await boxes("ground truth of image-0")).toEqual([
    ["ball", "#800000", null, "1"],
    ["tent (unknown)", "#d400d4", "panel-box-unknown", "1"],
  ]);
});

test("the name of an object at the upper border lies within the picture", async () => {
  show();
  const tile = (await screen.findByRole("img", { name: STEP_0 })).parentElement;
  expect([...(tile?.querySelectorAll("text") ?? [])].map((name) => Number(name.getAttribute("y")) > 0)).toEqual([true, true]);
});

test("the caption counts them, and there are no pixels to call wrong", async () => {
  show();
  await waitFor(() => expect(screen.getAllByText("2 objects, 1 unknown")).toHaveLength(2));
  expect(screen.queryByRole("radiogroup", { name: "what is shown" })).toBeNull();
  const legend = screen.getByRole("group", { name: "legend" });
  expect([...legend.children].map((entry) => entry.textContent)).toEqual(["unknown", "ball", "crate", "tent"]);
});

test("all but the highlighted class fade", async () => {
  show();
  fireEvent.click(await screen.findByRole("button", { name: /Worst forgotten: ball/ }));
  await waitFor(async () => expect((await boxes(STEP_0)).map((box) => Number(box[3]) < 1)).toEqual([false, true]));
});

test("large, every object is listed", async () => {
  show();
  fireEvent.click(await screen.findByRole("button", { name: "step 0 of image-0, large" }));
  const dialog = within(await screen.findByRole("dialog"));
  const list = await dialog.findByRole("group", { name: "objects that were found" });
  await waitFor(() => expect([...list.children].map((entry) => entry.textContent)).toEqual(["ball 0.90", "unknown 0.40"]));
});

test("objects that cannot be read are said to be so", async () => {
  prediction = new FakeProblem({});
  show();
  await waitFor(() => expect(screen.getAllByText("cannot be read")).toHaveLength(2));
});
