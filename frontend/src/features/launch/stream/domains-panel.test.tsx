import { fireEvent, screen, within } from "@testing-library/react";
import { beforeEach, expect, test } from "vitest";

import { valueAt } from "../../../lib/json-pointer";
import { DOCUMENT, PREVIEW } from "../fake-launch-service";
import { launchWithStream, writtenStream } from "./launch-with-stream";

const WORLD = { world: "objects", classes: 3 };
const [PILLS, CARPET] = ["pills", "carpet"].map((name) => ({ name, dataset: WORLD }));
const STREAM = { kind: "domain_sequence", first: "pits", further: [PILLS, CARPET] };
const LIST = { type: "array", items: { $ref: "#/$defs/Domain" }, default: [] };
const STREAM_SCHEMA = {
  type: "object",
  description: "Domains one after the other.",
  properties: {
    kind: { const: "domain_sequence" },
    first: { type: "string", default: "first", description: "Name." },
    further: LIST,
    extra_tests: LIST,
    order: {
      type: "string",
      enum: ["listed", "back", "eight"],
      default: "listed",
      "x-labels": { listed: "as listed" },
      "x-places": { back: [2, 1, 0], eight: [7, 6, 5, 4, 3, 2, 1, 0] },
    },
    custom_order: { type: "array", items: { type: "integer" }, default: [] },
    tested: { type: "string", enum: ["all", "seen"], default: "all", description: "Which are tested." },
  },
  "x-alternatives": [["order", "custom_order"]],
};
const STEP = { classes: [], images_shared: null, images_per_class: null };
const COUNTED = {
  ...PREVIEW,
  steps: [
    { ...STEP, title: "pits", domain: "pits", images: 60 },
    { ...STEP, title: "pills", domain: "pills", images: 40 },
  ],
};

beforeEach(() => sessionStorage.clear());

const open = (stream: Record<string, unknown> = STREAM, faults: Record<string, string> = {}) =>
  launchWithStream({ schema: STREAM_SCHEMA, stream, faults, preview: COUNTED }, "Add a domain");

const learned = () => within(screen.getByRole("list", { name: "domains in the order of learning" })).getAllByRole("listitem").map((row) => row.textContent);
const press = (label: string) => fireEvent.click(screen.getByLabelText(label));

test("every domain has its images, and who is learned when stands below", async () => {
  await open();
  expect(await screen.findByText("the dataset above, 60 training images")).toBeTruthy();
  expect(within(screen.getByLabelText("Domain pills")).getByText("domain, 40 training images")).toBeTruthy();
  expect(learned()).toEqual(["pits", "pills", "carpet"]);
});

test("domains are moved, left out and learned again; the order is written as places", async () => {
  await open();
  press("Learn carpet earlier");
  expect(learned()).toEqual(["pits", "carpet", "pills"]);
  press("Do not learn pits");
  expect(learned()).toEqual(["carpet", "pills"]);
  fireEvent.click(screen.getByText("Learn pits"));
  press("Learn carpet later");
  expect(writtenStream()).toEqual({ ...STREAM, custom_order: [1, 2, 0] });
});

test("moved back, the order is the listed one again", async () => {
  await open();
  press("Learn pits later");
  press("Learn pits earlier");
  expect(writtenStream()).toEqual({ ...STREAM, order: "listed" });
});

test("a published order is offered where it fits, and shows who is learned when", async () => {
  await open({ ...STREAM, order: "back" });
  expect(learned()).toEqual(["carpet", "pills", "pits"]);
  fireEvent.click(screen.getByLabelText("Order of learning", { selector: "input" }));
  expect(await screen.findByText("as listed", { selector: "[role=option] *" })).toBeTruthy();
  expect(screen.queryByText("eight", { selector: "[role=option] *" })).toBeNull();
});

test("an order follows a domain that is added and one that is removed", async () => {
  await open({ ...STREAM, order: "back" });
  fireEvent.click(screen.getByText("Add a domain"));
  expect(learned()).toEqual(["carpet", "pills", "pits", "domain-1"]);
  press("Remove domain pills");
  expect(writtenStream()).toEqual({ ...STREAM, further: [CARPET, { ...CARPET, name: "domain-1" }], custom_order: [1, 0, 2] });
});

test("a set that is only tested is added beside the domains", async () => {
  await open();
  fireEvent.click(screen.getByText("Add a test set"));
  fireEvent.change(screen.getByLabelText("Name of the test set"), { target: { value: "natural" } });
  expect(valueAt(writtenStream(), "/extra_tests")).toEqual([{ name: "natural", dataset: DOCUMENT.dataset }]);
});

test("a fault of the order stands at the order, one of a domain at the domain", async () => {
  const at = "/document/stream";
  await open({ ...STREAM, custom_order: [0, 9] }, { [`${at}/custom_order/1`]: "domain 9 does not exist", [`${at}/further/0/name`]: "is taken" });
  expect(await within(screen.getByLabelText("Domain pills")).findByText("is taken")).toBeTruthy();
  expect(screen.getAllByText("domain 9 does not exist").length).toBeGreaterThan(0);
  expect(learned()).toEqual(["pits", "domain 9, which is not in the list"]);
});
