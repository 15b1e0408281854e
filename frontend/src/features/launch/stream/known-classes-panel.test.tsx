import { fireEvent, screen } from "@testing-library/react";
import { beforeEach, expect, test } from "vitest";

import { valueAt } from "../../../lib/json-pointer";
import { DOCUMENT } from "../fake-launch-service";
import { launchWithStream, writtenStream } from "./launch-with-stream";

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

const open = (stream: Record<string, unknown> = STREAM, faults: Record<string, string> = {}) =>
  launchWithStream({ schema: STREAM_SCHEMA, stream, faults }, "Add a test set");

const input = (label: string) => screen.getByLabelText(label, { selector: "input:not([type=hidden])" });
const offered = () => screen.queryAllByRole("option").map((option) => option.textContent);

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
  expect(writtenStream()).toEqual({ ...STREAM, known: ["ball", "crate"], unknown: ["tent"] });
});

test("a name that the dataset lacks stays in the list, with the fault beside it, and the preset can be taken back", async () => {
  await open({ ...STREAM, known: ["ball", "zebra"] }, { "/document/stream/known/1": "the dataset has no class 'zebra'" });
  expect(await screen.findByText("/1: the dataset has no class 'zebra'")).toBeTruthy();
  expect(screen.getByText("zebra")).toBeTruthy();
  fireEvent.click(input("Known classes"));
  fireEvent.click(await screen.findByRole("option", { name: /^tent/ }));
  fireEvent.click(screen.getByLabelText("Reset known classes to ball, zebra"));
  expect(valueAt(writtenStream(), "/known")).toEqual(["ball", "zebra"]);
});

test("a further test set is added with the dataset above", async () => {
  await open();
  fireEvent.click(screen.getByText("Add a test set"));
  expect(valueAt(writtenStream(), "/tests")).toEqual([{ name: "test-1", dataset: DOCUMENT.dataset }]);
});
