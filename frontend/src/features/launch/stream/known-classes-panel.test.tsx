import { fireEvent, screen } from "@testing-library/react";
import { beforeEach, expect, test } from "vitest";
import { parse } from "yaml";

import { valueAt } from "../../../lib/json-pointer";
import { FakeProblem } from "../../../testing/fake-server";
import { renderPage } from "../../../testing/render-page";
import { DOCUMENT, PRESET, SCHEMA, serve, VERDICT } from "../fake-launch-service";
import { LaunchPage } from "../launch-page";

const STREAM = { kind: "open_set", known: ["ball"] };
const NAMES = { type: "array", items: { type: "string" } };
const STREAM_SCHEMA = {
  type: "object",
  description: "Known and unknown classes.",
  properties: {
    kind: { const: "open_set" },
    known: { ...NAMES, description: "Taught." },
    unknown: { ...NAMES, default: [], description: "Found." },
    tests: { type: "array", items: { $ref: "#/$defs/Test" }, default: [] },
  },
  required: ["known"],
};

beforeEach(() => sessionStorage.clear());

async function open(stream: Record<string, unknown> = STREAM, fault: Record<string, string> = {}) {
  const document = { ...DOCUMENT, stream };
  const errors = Object.entries(fault).map(([pointer, message]) => ({ source: "body" as const, pointer, message, code: "config_error" }));
  serve()
    .get("/api/v1/methods/{method}/schema", () => ({ ...SCHEMA, properties: { ...SCHEMA.properties, stream: STREAM_SCHEMA } }))
    .get("/api/v1/methods/{method}/presets/{preset}", () => ({ ...PRESET, document, resolved: document }))
    .post("/api/v1/experiments", () =>
      errors.length > 0
        ? new FakeProblem({ status: 422, title: "The request is not valid", errors })
        : { ...VERDICT, document, resolved: document },
    );
  renderPage(LaunchPage, "/launch", "/launch");
  await screen.findByText("Add a test set");
}

const input = (label: string) => screen.getByLabelText(label, { selector: "input:not([type=hidden])" });
const offered = () => screen.queryAllByRole("option").map((option) => option.textContent);
function written(): unknown {
  fireEvent.click(screen.getByText("YAML or JSON"));
  return valueAt(parse(screen.getByLabelText<HTMLTextAreaElement>("Experiment document").value), "/stream");
}

test("without names for them all other classes are unknown, and the note says which", async () => {
  await open();
  expect(await screen.findByText("Of 3 classes, 1 known and 2 unknown (crate, tent).")).toBeTruthy();
});

test("classes are searched by name and chosen; those of the other list are not offered", async () => {
  await open({ ...STREAM, unknown: ["tent"] });
  expect(await screen.findByText(/1 left out, whose objects a test ignores: crate\./)).toBeTruthy();
  fireEvent.click(input("Known classes"));
  fireEvent.change(input("Known classes"), { target: { value: "c" } });
  expect(offered()).toEqual(["cratein 20 training images"]);
  fireEvent.click(screen.getByRole("option"));
  expect(written()).toEqual({ ...STREAM, known: ["ball", "crate"], unknown: ["tent"] });
});

test("a name that the dataset lacks stays in the list, with the fault beside it, and the preset can be taken back", async () => {
  await open({ ...STREAM, known: ["ball", "zebra"] }, { "/document/stream/known/1": "the dataset has no class 'zebra'" });
  expect(await screen.findByText("/1: the dataset has no class 'zebra'")).toBeTruthy();
  expect(screen.getByText("zebra")).toBeTruthy();
  fireEvent.click(input("Known classes"));
  fireEvent.click(await screen.findByRole("option", { name: /^tent/ }));
  fireEvent.click(screen.getByLabelText("Reset known classes to ball, zebra"));
  expect(valueAt(written(), "/known")).toEqual(["ball", "zebra"]);
});

test("a further test set is added with the dataset above", async () => {
  await open();
  fireEvent.click(screen.getByText("Add a test set"));
  expect(valueAt(written(), "/tests")).toEqual([{ name: "test-1", dataset: DOCUMENT.dataset }]);
});
