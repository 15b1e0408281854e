import { fireEvent, screen } from "@testing-library/react";
import { expect, test } from "vitest";

import type { ExperimentVerdict } from "../../api/types";
import { exampleRunDetail } from "../../testing/examples";
import { FakeProblem, FakeServer } from "../../testing/fake-server";
import { renderPage } from "../../testing/render-page";
import { valueAt } from "../../lib/json-pointer";
import { LaunchPage } from "./launch-page";

const DOCUMENT = {
  method: "eir",
  preset: "eir/demo",
  dataset: { world: "objects" },
  stream: { steps: [[1], [2]] },
  config: { lr: 0.01 },
};
const SCHEMA = {
  type: "object",
  properties: {
    stream: {
      type: "object",
      description: "Which classes arrive when.",
      properties: { steps: { type: "array", description: "Class ids." } },
    },
    config: {
      type: "object",
      properties: { lr: { type: "number", exclusiveMinimum: 0, default: 0.001, description: "Learning rate." } },
    },
  },
};
const VERDICT: ExperimentVerdict = {
  method: "eir",
  preset: "eir/demo",
  preset_version: 1,
  document: DOCUMENT,
  resolved: DOCUMENT,
  digest: "d".repeat(64),
  deviations: [{ pointer: "/lr", published: 0.001, value: 0.01 }],
  plan: [0, 1].map((index) => ({
    index,
    name: "train",
    kind: "train",
    inputs: {},
    queue: "default",
    total_iterations: 400,
    images: 50 + index,
  })),
  classes: [
    { id: 1, name: "ball", colour: "#800000" },
    { id: 2, name: "crate", colour: "#008000" },
  ],
  is_valid: true,
  is_scanned: true,
};
const TOO_SMALL = new FakeProblem({
  status: 422,
  title: "The request is not valid",
  errors: [
    { source: "body", pointer: "/document/config/lr", message: "should be greater than 0; found -1", code: "greater_than" },
  ],
});

function serve(): FakeServer {
  const method = {
    name: "eir",
    title: "EIR",
    summary: "Replay.",
    publication: "CVPR",
    stream: "class_incremental",
    presets: ["eir/demo"],
  };
  const preset = {
    name: "eir/demo",
    title: "Demo",
    description: "Small.",
    version: 1,
    document: DOCUMENT,
    resolved: DOCUMENT,
    deviations: [],
    plan: [],
  };
  return new FakeServer()
    .get("/api/v1/methods", () => ({ items: [method], next_cursor: null }))
    .get("/api/v1/methods/{method}/schema", () => SCHEMA)
    .get("/api/v1/methods/{method}/presets/{preset}", () => preset)
    .post("/api/v1/experiments", ({ url, body }) => {
      const lr = valueAt(body, "/document/config/lr");
      const stored = { ...VERDICT, id: "e1", name: "Demo", tags: [], notes: "", revision: 1, created_at: "", runs: 0 };
      return typeof lr === "number" && lr <= 0 ? TOO_SMALL : url.searchParams.get("dry_run") === "true" ? VERDICT : stored;
    })
    .post("/api/v1/experiments/{experiment_id}/runs", () => ({ items: [exampleRunDetail({ id: "r1" })] }));
}

const openConfig = () => fireEvent.click(screen.getByText("general"));
const launchButton = () => screen.getByRole<HTMLButtonElement>("button", { name: /^Launch/ });

test("a preset becomes a form with its plan, classes and deviations", async () => {
  serve();
  renderPage(LaunchPage, "/launch", "/launch");
  expect(await screen.findByText("Ready to launch")).toBeTruthy();
  openConfig();
  expect(screen.getByLabelText<HTMLInputElement>("lr").value).toBe("0.01");
  expect(screen.getByText("50")).toBeTruthy();
  expect(screen.getByText("crate")).toBeTruthy();
});

test("a fault of the dry run stands beside its field and keeps the run from being launched", async () => {
  serve();
  renderPage(LaunchPage, "/launch", "/launch");
  await screen.findByText("Ready to launch");
  openConfig();
  fireEvent.change(screen.getByLabelText("lr"), { target: { value: "-1" } });
  expect(await screen.findByText("1 fault to mend")).toBeTruthy();
  expect(screen.getByLabelText("lr").getAttribute("aria-invalid")).toBe("true");
  expect(launchButton().disabled).toBe(true);
});

test("form and text show the same document", async () => {
  serve();
  renderPage(LaunchPage, "/launch", "/launch");
  await screen.findByText("Ready to launch");
  openConfig();
  fireEvent.change(screen.getByLabelText("lr"), { target: { value: "5e-3" } });
  fireEvent.click(screen.getByText("YAML or JSON"));
  const text = screen.getByLabelText<HTMLTextAreaElement>("Experiment document");
  expect(text.value).toContain("lr: 0.005");
  fireEvent.change(text, { target: { value: text.value.replace("lr: 0.005", "lr: 0.25") } });
  fireEvent.click(screen.getByText("Form"));
  expect(screen.getByLabelText<HTMLInputElement>("lr").value).toBe("0.25");
});

test("launching stores the experiment and starts one run for each seed", async () => {
  const server = serve();
  const page = renderPage(LaunchPage, "/launch", "/launch");
  await screen.findByText("Ready to launch");
  fireEvent.change(screen.getByLabelText("Seeds"), { target: { value: "3" } });
  fireEvent.click(launchButton());
  await expect.poll(() => page.address()).toBe("/runs/r1");
  expect(server.bodies.at(-1)).toEqual({ seeds: [3] });
});

test("seeds that cannot be read keep the run from being launched and say why", async () => {
  serve();
  renderPage(LaunchPage, "/launch", "/launch");
  await screen.findByText("Ready to launch");
  fireEvent.change(screen.getByLabelText("Seeds"), { target: { value: "1, 1" } });
  expect(screen.getByText(/seed 1 is there twice/)).toBeTruthy();
  expect(launchButton().disabled).toBe(true);
});
