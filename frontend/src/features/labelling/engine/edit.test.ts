import { expect, test } from "vitest";

import { Edit } from "./edit";
import { SOURCE } from "./label-map";
import { NO_RULES, type PaintRules } from "./paint-rules";
import { Painter } from "./painter";
import { drawnMap, rowsOf } from "./testing";

function painted(rules: Partial<PaintRules>): string[] {
  const map = drawnMap("..1122", "..1122");
  new Edit(map, { ...NO_RULES, ...rules }, 7, SOURCE.person).span(0, 1, 6);
  return rowsOf(map);
}

test.each<[string, Partial<PaintRules>, string]>([
  ["everything", {}, ".77777"],
  ["only what is unlabelled", { mode: "unlabelled" }, ".71122"],
  ["only one class", { mode: { only: 2 } }, "..1177"],
  ["no locked class", { locked: new Set([1]) }, ".71177"],
  ["no locked class, though it is chosen", { mode: { only: 1 }, locked: new Set([1]) }, "..1122"],
  ["what is queried", { editable: Uint8Array.from([1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0]) }, ".77122"],
])("a stroke paints over %s", (_, rules, expected) => {
  expect(painted(rules)).toEqual([expected, "..1122"]);
});

test("what lies outside of the image is left out", () => {
  const map = drawnMap("...", "...");
  const edit = new Edit(map, NO_RULES, 1, SOURCE.person);
  edit.span(-1, 0, 3);
  edit.span(2, 0, 3);
  edit.span(0, -5, 1);
  edit.span(1, 2, 99);
  expect(rowsOf(map)).toEqual(["1..", "..1"]);
  expect(edit.takeTouched()).toEqual({ left: 0, top: 0, right: 3, bottom: 2 });
  expect(edit.takeTouched()).toBeNull();
});

test("a stroke that is dropped leaves nothing behind", () => {
  const painter = new Painter(drawnMap("11", "22"));
  painter.begin(5, SOURCE.person);
  painter.draw((edit) => edit.span(0, 0, 2));
  painter.cancel();
  expect(rowsOf(painter.map)).toEqual(["11", "22"]);
  expect([...painter.map.sources]).toEqual([0, 0, 0, 0]);
  expect(painter.history.canUndo).toBe(false);
  expect(painter.unsaved.count).toBe(0);
});

test("each pixel keeps who labelled it", () => {
  const painter = new Painter(drawnMap("...."));
  painter.act(1, SOURCE.model, (edit) => edit.span(0, 0, 3));
  painter.act(2, SOURCE.person, (edit) => edit.span(0, 1, 2));
  expect([...painter.map.sources]).toEqual([SOURCE.model, SOURCE.person, SOURCE.model, SOURCE.none]);
});

test("listeners hear of strokes and of what is taken back", () => {
  const painter = new Painter(drawnMap("...", "..."));
  const heard: unknown[] = [];
  const stop = painter.listen((rect) => heard.push(rect));
  painter.act(1, SOURCE.person, (edit) => edit.span(1, 0, 2));
  painter.undo();
  stop();
  painter.redo();
  const rect = { left: 0, top: 1, right: 2, bottom: 2 };
  expect(heard).toEqual([rect, rect]);
});
