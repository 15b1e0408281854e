import { fireEvent, screen, waitFor } from "@testing-library/react";
import { beforeEach, expect, test } from "vitest";
import { parse } from "yaml";

import { isObject, valueAt } from "../../lib/json-pointer";
import { renderPage } from "../../testing/render-page";
import { DOCUMENT, PRESET, SCHEMA, serve, VERDICT } from "./fake-launch-service";
import { LaunchPage } from "./launch-page";

beforeEach(() => sessionStorage.clear());

/** Open the page on a preset with this stream, whose schema has these keys exclude each other. */
async function open(stream: Record<string, unknown>, alternatives: string[][], properties: Record<string, unknown>) {
  const document = { ...DOCUMENT, stream };
  const described = { ...SCHEMA.properties.stream, properties, "x-alternatives": alternatives };
  const server = serve()
    .get("/api/v1/methods/{method}/schema", () => ({ ...SCHEMA, properties: { ...SCHEMA.properties, stream: described } }))
    .get("/api/v1/methods/{method}/presets/{preset}", () => ({ ...PRESET, document, resolved: document }))
    .post("/api/v1/experiments", () => ({ ...VERDICT, document, resolved: document }));
  renderPage(LaunchPage, "/launch", "/launch");
  await screen.findByText("Ready to launch");
  return server;
}

const asText = () => fireEvent.click(screen.getByText("YAML or JSON"));
const textArea = () => screen.getByLabelText<HTMLTextAreaElement>("Experiment document");
const writtenStream = () => valueAt(parse(textArea().value), "/stream");

function openSteps(stream: Record<string, unknown>) {
  return open(stream, [["schedule", "steps"]], SCHEMA.properties.stream.properties);
}

test("steps over a preset with a schedule take its place and leave the setting alone", async () => {
  await openSteps({ setting: "disjoint", schedule: "2-1" });
  fireEvent.click(await screen.findByText("Add a step"));
  asText();
  expect(writtenStream()).toEqual({ setting: "disjoint", steps: [[1, 2], [3], []] });
});

test("a schedule over a preset with steps takes their place", async () => {
  await openSteps({ setting: "disjoint", steps: [[1], [2]] });
  fireEvent.click(await screen.findByLabelText("Published schedule", { selector: "input" }));
  fireEvent.click(await screen.findByText("voc/2-1", { selector: "[role=option] *" }));
  asText();
  expect(writtenStream()).toEqual({ setting: "disjoint", schedule: "voc/2-1" });
});

test("a document that leaves its stream to the preset gets the one setting that changes", async () => {
  const server = await openSteps({ setting: "overlap", schedule: "2-1" });
  asText();
  fireEvent.change(textArea(), { target: { value: "method: eir\npreset: eir/demo\n" } });
  fireEvent.click(screen.getByText("Form"));
  fireEvent.click(await screen.findByText("Add a step"));
  asText();
  expect(writtenStream()).toEqual({ steps: [[1, 2], [3], []] });
  fireEvent.change(textArea(), { target: { value: "method: eir\npreset: eir/demo\nstream: {setting: disjoint}\n" } });
  fireEvent.click(screen.getByText("Form"));
  const last = () => valueAt(server.bodies.filter((body) => isObject(body) && "stream" in body).at(-1), "/stream");
  await expect.poll(last).toEqual({ setting: "disjoint", schedule: "2-1" });
});

test("a group that no page knows of follows the same rule", async () => {
  const properties = { first_images: { type: "integer", default: 30 }, first_list: { type: "string", default: "" } };
  await open({ kind: "rounds", first_list: "thirty" }, [["first_images", "first_list"]], properties);
  asText();
  fireEvent.change(textArea(), { target: { value: "method: eir\npreset: eir/demo\n" } });
  fireEvent.click(screen.getByText("Form"));
  fireEvent.click(screen.getByText("stream"));
  expect(screen.getByLabelText<HTMLInputElement>("first_list").value).toBe("thirty");
  fireEvent.change(screen.getByLabelText("first_images"), { target: { value: "10" } });
  expect(screen.getByLabelText<HTMLInputElement>("first_list").value).toBe("");
  asText();
  expect(writtenStream()).toEqual({ first_images: 10 });
});

test("test images of another split of the folder are offered, and any other name can be typed", async () => {
  const document = { ...DOCUMENT, dataset: { adapter: "voc", root: "/data/voc" } };
  serve()
    .get("/api/v1/methods/{method}/presets/{preset}", () => ({ ...PRESET, document, resolved: document }))
    .post("/api/v1/experiments", () => ({ ...VERDICT, document, resolved: document }));
  renderPage(LaunchPage, "/launch", "/launch");
  const field = await screen.findByLabelText<HTMLInputElement>("eval_split", { selector: "input" });
  expect(field.value).toBe("val");
  fireEvent.click(await offered("eval_split", "test_dusk"));
  asText();
  expect(valueAt(parse(textArea().value), "/dataset/eval_split")).toBe("test_dusk");
});

/** An offer of a field, once the service has told what there is. */
function offered(field: string, name: string) {
  return waitFor(() => {
    fireEvent.focus(screen.getByLabelText(field, { selector: "input" }));
    return screen.getByText(name, { selector: "[role=option] *" });
  });
}
