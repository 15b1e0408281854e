import { fireEvent, screen, within } from "@testing-library/react";
import { beforeEach, expect, test, vi } from "vitest";

import type { ComparedImages } from "../../../api/types";
import { exampleComparison } from "../../../testing/example-results";
import { FakeServer } from "../../../testing/fake-server";
import { renderPage } from "../../../testing/render-page";
import { ImagesPanel } from "./images-panel";

vi.mock("../../../lib/index-map", () => ({ readIndexMap: () => Promise.resolve({ width: 2, height: 1, ids: new Uint8Array([0, 1]) }) }));

const KEYS = ["a", "b"];

function Page() {
  return <ImagesPanel comparison={exampleComparison()} runs={[]} experiments={KEYS} />;
}

function images(changes: Partial<ComparedImages> = {}): ComparedImages {
  const prediction = (member: number) => ({ run_id: `run-${member}`, seed: member, step: 1, prediction: `/p/${member}`, pixel_accuracy: 0.9 - member / 10, iou: { 1: 0.5 } });
  return {
    labels: ["replay", "fine-tuning"],
    domain: null,
    domains: [],
    classes: [{ id: 1, name: "ball", colour: "#ff0000" }],
    items: [{ kind: "dense", source: "eval-3", width: 2, height: 1, classes: [1], background_id: 0, ignore_id: 255, picture: "/picture", labels: "/labels", predictions: [prediction(0), prediction(1)] }],
    left_out: 1,
    ...changes,
  };
}

let server: FakeServer;
beforeEach(() => {
  server = new FakeServer().get("/api/v1/compare/images", () => images());
});

test("every member's prediction of an image stands in one row, with its accuracy and run", async () => {
  renderPage(Page, "/compare", "/compare");
  const table = within(await screen.findByRole("table", { name: "predictions by image and member" }));
  expect(table.getAllByRole("columnheader").map((head) => head.textContent)).toEqual(["picture", "ground truth", "replay", "fine-tuning"]);
  expect(await table.findByRole("img", { name: "prediction after step 1 of eval-3 by fine-tuning" })).toBeTruthy();
  expect(table.getByText("80.0 % right")).toBeTruthy();
  expect(table.getByRole("link", { name: "seed 1, step 1" }).getAttribute("href")).toBe("/runs/run-1");
  expect(screen.getByText(/^1 image left out/)).toBeTruthy();
});

test("all pictures are zoomed together, and whole again by a button", async () => {
  renderPage(Page, "/compare", "/compare");
  const whole = await screen.findByRole("button", { name: "Whole pictures" });
  const views = () => [...document.querySelectorAll<HTMLElement>(".zoom-tile > div")].map(({ style }) => style.transform);
  fireEvent.click(screen.getByRole("button", { name: "enlarge all pictures" }));
  expect(views()).toEqual(Array.from({ length: 4 }, () => "scale(2) translate(-25%, -25%)"));
  fireEvent.click(whole);
  expect(new Set(views())).toEqual(new Set(["scale(1) translate(0%, 0%)"]));
});

test("the step of the address is asked for, and nothing in common is said", async () => {
  server.get("/api/v1/compare/images", () => images({ items: [], left_out: 0 }));
  renderPage(Page, "/compare", "/compare?after=0");
  expect(await screen.findByText("No image that all of them have predicted")).toBeTruthy();
  expect(server.requests).toEqual(["GET /api/v1/compare/images?experiments=a&experiments=b&step=0"]);
});
