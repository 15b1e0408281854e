import { fireEvent, screen, within } from "@testing-library/react";
import { beforeEach, expect, test, vi } from "vitest";

import type { PredictionPage } from "../../../api/types";
import { exampleStepTable } from "../../../testing/example-scores";
import { exampleImage, examplePredictions } from "../../../testing/examples";
import { FakeProblem, FakeServer } from "../../../testing/fake-server";
import { renderPage } from "../../../testing/render-page";
import { PredictionPanel } from "./prediction-panel";

vi.mock("../../../lib/index-map", () => ({ readIndexMap: () => Promise.resolve({ width: 2, height: 1, ids: Uint8Array.from([0, 1]) }) }));

beforeEach(() => {
  // jsdom has no canvas; what is painted is tested in painting.test.ts.
  vi.spyOn(HTMLCanvasElement.prototype, "getContext").mockReturnValue(null);
});

function show(predictions: PredictionPage | FakeProblem, query = "") {
  const server = new FakeServer()
    .get("/api/v1/runs/{run_id}/predictions", () => predictions)
    .get("/api/v1/runs/{run_id}/step-table", () => exampleStepTable());
  return Object.assign(server, { page: renderPage(() => <PredictionPanel runId="run-1" />, "/", `/${query}`) });
}

async function rows(): Promise<string[][]> {
  const table = within(await screen.findByLabelText("predictions by image and step"));
  return table.getAllByRole("row").map((row) => [...row.children].map((cell) => cell.textContent));
}

test("an image has a picture, a ground truth and a column for each step", async () => {
  show(examplePredictions());
  expect(await rows()).toEqual([
    ["picture", "ground truth", "step 0", "step 1"],
    ["image-0", "ball", "90.0 % right", "60.0 % right"],
    ["image-1", "crate", "90.0 % right", "60.0 % right"],
  ]);
  expect(await screen.findByRole("img", { name: "prediction after step 1 of image-0" })).toBeTruthy();
});

test("the worst forgotten class is highlighted by a key, with its IoU under each tile", async () => {
  show(examplePredictions());
  const button = await screen.findByRole("button", { name: /Worst forgotten: ball ▼ 30.0/ });
  fireEvent.keyDown(document.documentElement, { key: "w", code: "KeyW" });
  expect(button.getAttribute("aria-pressed")).toBe("true");
  expect((await rows())[1]?.slice(2)).toEqual(["IoU 80.0", "IoU 20.0"]);
  fireEvent.click(button);
  expect(button.getAttribute("aria-pressed")).toBe("false");
});

test("errors are shown instead, with a legend of the patterns", async () => {
  show(examplePredictions());
  fireEvent.click(await screen.findByRole("radio", { name: "errors" }));
  expect(await screen.findByRole("img", { name: "errors after step 0 of image-0" })).toBeTruthy();
  const legend = within(screen.getByRole("group", { name: "legend" }));
  expect([legend.getByText("wrong"), legend.getByText("not learned yet")]).toHaveLength(2);
});

test("a click enlarges, and the arrow keys go through the steps", async () => {
  const { page } = show(examplePredictions());
  fireEvent.click(await screen.findByRole("button", { name: "step 0 of image-0, large" }));
  const dialog = within(await screen.findByRole("dialog"));
  expect(dialog.getByText("prediction after step 0")).toBeTruthy();
  expect(dialog.getByText("IoU 80.0")).toBeTruthy();
  fireEvent.keyDown(document.documentElement, { key: "ArrowRight", code: "ArrowRight" });
  expect(dialog.getByText("prediction after step 1")).toBeTruthy();
  expect(page.address()).toBe("/?image=0%2F1");
});

test("the address carries what is shown, of which class and which image", async () => {
  show(examplePredictions(), "?shown=errors&class=1&image=0%2F0");
  expect(within(await screen.findByRole("dialog")).getByText("errors after step 0")).toBeTruthy();
  expect(screen.getByRole<HTMLInputElement>("combobox", { name: "highlighted class", hidden: true }).value).toBe("ball");
});

test("there is a domain to choose only where there is more than one", async () => {
  show({ ...examplePredictions(), domain: "city", domains: ["city"] });
  await rows();
  expect(screen.queryByRole("combobox", { name: "domain" })).toBeNull();
});

test("another domain's images are asked for by its name", async () => {
  const server = show({ ...examplePredictions(), domain: "city", domains: ["city", "village"] });
  server.get("/api/v1/runs/{run_id}/predictions", ({ url }) => {
    const domain = url.searchParams.get("domain") ?? "city";
    const image = { ...exampleImage(0, [1]), source: `street of the ${domain}` };
    return { ...examplePredictions(), items: [image], domain, domains: ["city", "village"] };
  });
  expect((await rows())[1]?.[0]).toBe("street of the city");
  fireEvent.click(screen.getByRole("combobox", { name: "domain" }));
  fireEvent.click(await screen.findByRole("option", { name: "village" }));
  expect(await screen.findByText("street of the village")).toBeTruthy();
});

test("a name with markup is text", async () => {
  const source = '<img src="x" onerror="alert(1)">';
  show({ ...examplePredictions(), items: [{ ...exampleImage(0, [1]), source }] });
  expect((await rows())[1]?.[0]).toBe(source);
  expect(document.querySelector("[onerror]")).toBeNull();
});

test("without predictions the panel says what would fill it", async () => {
  show({ ...examplePredictions(), items: [] });
  expect(await screen.findByText("Nothing predicted yet")).toBeTruthy();
});

test("a failed question is a problem that can be asked again", async () => {
  show(new FakeProblem({}));
  expect(await screen.findByText("There is no such thing")).toBeTruthy();
});
