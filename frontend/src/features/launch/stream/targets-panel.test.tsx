import { fireEvent, screen, within } from "@testing-library/react";
import { beforeEach, expect, test } from "vitest";

import { valueAt } from "../../../lib/json-pointer";
import { PREVIEW } from "../fake-launch-service";
import { launchWithStream, writtenStream } from "./launch-with-stream";

const [SEA, HILL] = [
  { name: "sea", dataset: { world: "objects", classes: 3 } },
  { name: "hill", dataset: { adapter: "voc", root: "/data/voc" } },
];
const STREAM = { kind: "multi_target", classes: "7", targets: [SEA, HILL] };
const STREAM_SCHEMA = {
  type: "object",
  description: "A source and several targets.",
  properties: {
    kind: { const: "multi_target" },
    targets: { type: "array", items: { $ref: "#/$defs/Target" }, description: "The targets." },
    classes: { type: "string", enum: ["7", "19"], default: "7", description: "Class list." },
  },
};
const STEP = { classes: [], images_shared: null, images_per_class: null };
const COUNTED = {
  ...PREVIEW,
  steps: [
    { ...STEP, title: "source", domain: "source", images: 60 },
    { ...STEP, title: "sea", domain: "sea", images: 40 },
    { ...STEP, title: "hill", domain: "hill", images: 20 },
  ],
};

beforeEach(() => sessionStorage.clear());

const open = (stream: Record<string, unknown> = STREAM, faults: Record<string, string> = {}) =>
  launchWithStream({ schema: STREAM_SCHEMA, stream, faults, preview: COUNTED }, "Add a target");

const target = (name: string) => within(screen.getByLabelText(`Target ${name}`));

test("every domain has its images, and source and targets are named", async () => {
  await open();
  expect(await screen.findByText("the dataset above, 60 training images")).toBeTruthy();
  expect(target("sea").getByText("target 1, 40 training images")).toBeTruthy();
  expect(target("hill").getByText("target 2, 20 training images")).toBeTruthy();
  expect(screen.getByText("Class list.")).toBeTruthy();
  expect(target("hill").getByLabelText("Dataset", { selector: "input" })).toHaveProperty("value", "/data/voc");
});

test("a target is renamed, gets another dataset, and a third is added and taken away", async () => {
  await open();
  fireEvent.change(target("sea").getByLabelText("Name of the domain"), { target: { value: "coast" } });
  fireEvent.change(target("coast").getByLabelText("classes"), { target: { value: "5" } });
  fireEvent.click(target("hill").getByLabelText("Dataset", { selector: "input" }));
  // The source offers the same, then each target in its order.
  fireEvent.click((await screen.findAllByText("/data/camvid", { selector: "[role=option] *" })).at(-1) ?? document.body);
  expect(target("coast").getByLabelText("Remove target coast")).toHaveProperty("disabled", true);
  fireEvent.click(screen.getByText("Add a target"));
  fireEvent.click(screen.getByText("Add a target"));
  fireEvent.click(screen.getByLabelText("Remove target target-1"));
  const camvid = { adapter: "folder", root: "/data/camvid" };
  expect(valueAt(writtenStream(), "/targets")).toEqual([
    { name: "coast", dataset: { world: "objects", classes: 5 } },
    { name: "hill", dataset: camvid },
    { name: "target-2", dataset: camvid },
  ]);
});

test("a change is taken back to what the preset has", async () => {
  await open();
  fireEvent.click(screen.getByText("Add a target"));
  fireEvent.click(screen.getByLabelText("Reset targets to sea, hill"));
  expect(writtenStream()).toEqual(STREAM);
});

test("faults stand at the target that they are about", async () => {
  const at = "/document/stream/targets";
  await open(STREAM, { [`${at}/1/dataset/root`]: "does not exist", [`${at}/0/name`]: "is taken", [at]: "two are needed" });
  expect(await target("hill").findByText("does not exist")).toBeTruthy();
  expect(target("sea").getByText("is taken")).toBeTruthy();
  expect(target("sea").queryByText("does not exist")).toBeNull();
  expect(screen.getAllByText("two are needed").length).toBeGreaterThan(0);
});
