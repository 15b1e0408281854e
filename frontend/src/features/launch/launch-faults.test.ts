import { expect, test } from "vitest";

import type { FaultEntry } from "../../api/types";
import { faultsByField } from "./launch-faults";

function fault(pointer: string, message: string, source: FaultEntry["source"] = "body"): FaultEntry {
  return { source, pointer, message, code: "wrong" };
}

const FIELDS = ["/config/optim/lr_base", "/config/optim/lr_step", "/stream/steps"];

test("a fault stands beside the field that it points to", () => {
  const faults = faultsByField([fault("/document/config/optim/lr_base", "too small")], FIELDS);
  expect(faults.of("/config/optim/lr_base")).toEqual(["too small"]);
  expect(faults.of("/config/optim/lr_step")).toEqual([]);
  expect(faults.others).toEqual([]);
});

test("a fault inside a list belongs to the list's field and says where", () => {
  const faults = faultsByField([fault("/document/stream/steps/1/0", "class 9 does not exist")], FIELDS);
  expect(faults.of("/stream/steps")).toEqual(["/1/0: class 9 does not exist"]);
});

test("unknown keys and faults outside the document are left for the list", () => {
  const unknown = fault("/document/config/optim/foo", "unknown key 'foo'");
  const name = fault("/name", "too long");
  const query = fault("/document/stream/steps", "of the query", "query");
  expect(faultsByField([unknown, name, query], FIELDS).others).toEqual([unknown, name, query]);
});

test("a section counts the faults of its fields and of its unknown keys", () => {
  const faults = faultsByField(
    [fault("/document/config/optim/foo", "unknown"), fault("/document/config/optim/lr_step", "bad")],
    FIELDS,
  );
  expect([faults.countWithin("/config/optim"), faults.countWithin("/stream")]).toEqual([2, 0]);
});
