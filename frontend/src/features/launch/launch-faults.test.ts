import { expect, test } from "vitest";

import type { FaultEntry } from "../../api/types";
import { remarksByPart } from "./launch-faults";

function fault(pointer: string, message: string, source: FaultEntry["source"] = "body"): FaultEntry {
  return { source, pointer, message, code: "wrong" };
}

const PARTS = ["/config", "/config/optim", "/config/optim/lr_base", "/config/optim/lr_step", "/stream", "/stream/steps"];

test("a fault stands beside the field that it points to", () => {
  const faults = remarksByPart([fault("/document/config/optim/lr_base", "too small")], PARTS);
  expect(faults.textsOf("/config/optim/lr_base")).toEqual(["too small"]);
  expect(faults.textsOf("/config/optim/lr_step")).toEqual([]);
  expect(faults.others).toEqual([]);
});

test("a fault inside a list belongs to the list's field and says where", () => {
  const faults = remarksByPart([fault("/document/stream/steps/1/0", "class 9 does not exist")], PARTS);
  expect(faults.textsOf("/stream/steps")).toEqual(["/1/0: class 9 does not exist"]);
});

test("an unknown key belongs to the deepest section that holds it", () => {
  const faults = remarksByPart([fault("/document/config/optim/foo", "unknown key 'foo'")], PARTS);
  expect(faults.of("/config/optim")).toEqual([
    { pointer: "/config/optim/foo", message: "unknown key 'foo'", code: "wrong" },
  ]);
  expect(faults.of("/config")).toEqual([]);
});

test("faults of the document as a whole and those outside it are left for the list", () => {
  const unknown = fault("/document/confg", "unknown key 'confg'");
  const name = fault("/name", "too long");
  const query = fault("/document/stream/steps", "of the query", "query");
  expect(remarksByPart([unknown, name, query], PARTS).others).toEqual([unknown, name, query]);
});

test("a key whose name only begins like a field's is no part of it", () => {
  expect(remarksByPart([fault("/document/config/optim/lr_base2", "unknown")], PARTS).of("/config/optim/lr_base")).toEqual([]);
});

test("a section counts the faults of its fields and of its unknown keys", () => {
  const faults = remarksByPart(
    [fault("/document/config/optim/foo", "unknown"), fault("/document/config/optim/lr_step", "bad")],
    PARTS,
  );
  expect([faults.count(["/config/optim", "/config/optim/lr_step"]), faults.count(["/stream"])]).toEqual([2, 0]);
});
