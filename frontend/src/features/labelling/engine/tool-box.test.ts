import { expect, test } from "vitest";

import { SOURCE } from "./label-map";
import { Painter } from "./painter";
import { Superpixels } from "./superpixels";
import { drawnMap, rowsOf } from "./testing";
import { ToolBox } from "./tool-box";
import type { ToolSettings } from "./tool-settings";

const BRUSH: ToolSettings = { tool: "brush", classId: 3, brush: { shape: "square", size: 1 }, tolerance: 0, certainty: 0, grain: "fine" };

function boxOver(settings: Partial<ToolSettings>, ...rows: string[]) {
  const picked: number[] = [];
  const map = drawnMap(...rows);
  const grey = Array.from(map.ids, (_, at) => [at % 2, 0, 0, 255]).flat();
  const views = { picture: () => Uint8ClampedArray.from(grey), proposal: { ids: map.ids.slice().fill(4), uncertainty: null } };
  const box = new ToolBox(new Painter(map), views, { ...BRUSH, ...settings }, (id) => picked.push(id));
  return { box, picked, shown: () => rowsOf(map) };
}

test("a stroke from press to release is one step", () => {
  const { box, shown } = boxOver({}, "....", "....");
  box.press({ x: 0.5, y: 0.5 }, false);
  box.move({ x: 3.5, y: 0.5 });
  box.move({ x: 3.5, y: 1.5 });
  expect(box.painter.isDrawing).toBe(true);
  expect(box.release({ x: 3.5, y: 1.5 })).toBe(true);
  expect(shown()).toEqual(["3333", "...3"]);
  expect(box.clicks).toBe(1);
  box.painter.undo();
  expect(shown()).toEqual(["....", "...."]);
});

test("the other button erases with any tool, and the eraser with each", () => {
  const { box, shown } = boxOver({ tool: "rectangle" }, "1111", "1111");
  box.press({ x: 0.5, y: 0.5 }, true);
  box.release({ x: 1.5, y: 1.5 });
  expect(shown()).toEqual(["..11", "..11"]);
  box.choose({ ...BRUSH, tool: "eraser" });
  box.press({ x: 3.5, y: 0.5 }, false);
  box.release({ x: 3.5, y: 0.5 });
  expect(shown()).toEqual(["..1.", "..11"]);
  expect(box.painter.map.sources[3]).toBe(SOURCE.none);
});

test("a polygon is closed, or taken back corner by corner", () => {
  const { box, shown } = boxOver({ tool: "polygon" }, "...", "...", "...");
  for (const [x, y] of [[0, 0], [3, 0], [3, 3], [0, 3], [1, 1]] as const) {
    box.press({ x, y }, false);
    box.release({ x, y });
  }
  expect(box.dropCorner()).toBe(true);
  expect(box.closePolygon()).toBe(true);
  expect(shown()).toEqual(["333", "333", "333"]);
  expect(box.dropCorner()).toBe(false);
  expect(box.closePolygon()).toBe(false);
});

test.each([
  ["fill", ["331", "331"]],
  ["wand", ["3.1", "..1"]],
  ["accept", ["444", "444"]],
] as const)("%s pours over what is alike", (tool, expected) => {
  const { box, shown } = boxOver({ tool }, "..1", "..1");
  box.press({ x: 0.5, y: 0.5 }, false);
  box.release({ x: 0.5, y: 0.5 });
  expect(shown()).toEqual(expected);
});

test("a press outside of the image pours nothing", () => {
  const { box, shown } = boxOver({ tool: "fill" }, "..1");
  box.press({ x: -0.1, y: 0.5 }, false);
  box.press({ x: 3, y: 0.5 }, false);
  expect(shown()).toEqual(["..1"]);
});

test("the picker tells the class under the pointer and paints nothing", () => {
  const { box, picked } = boxOver({ tool: "pick" }, "..1");
  box.press({ x: 2.5, y: 0.5 }, false);
  expect(picked).toEqual([1]);
  expect([box.clicks, box.painter.history.canUndo]).toEqual([0, false]);
});

test("what is begun can be dropped", () => {
  const { box, shown } = boxOver({}, "..1");
  box.press({ x: 0.5, y: 0.5 }, false);
  box.drop();
  expect(box.release({ x: 0.5, y: 0.5 })).toBe(false);
  expect(shown()).toEqual(["..1"]);
});

test("a stroke is taken back alone: the corners of a polygon stay", () => {
  const { box, shown } = boxOver({ tool: "polygon" }, "..1");
  box.press({ x: 0.5, y: 0.5 }, false);
  box.choose(BRUSH);
  box.press({ x: 0.5, y: 0.5 }, false);
  box.dropStroke();
  expect(shown()).toEqual(["..1"]);
  expect(box.painter.isDrawing).toBe(false);
  box.dropStroke();
  expect(box.corners).toEqual([{ x: 0.5, y: 0.5 }]);
  box.choose({ ...BRUSH, tool: "polygon" });
  box.press({ x: 2.5, y: 0.5 }, false);
  box.dropStroke();
  expect(box.corners).toEqual([{ x: 0.5, y: 0.5 }]);
});

test("a drag over superpixels takes each whole, as work with help, and one step takes all back", () => {
  const { box, shown } = boxOver({ tool: "superpixel" }, "....", "....");
  box.press({ x: 0.5, y: 0.5 }, false);
  expect([box.release({ x: 0.5, y: 0.5 }), box.clicks]).toEqual([false, 0]); // not loaded yet
  box.cut(new Superpixels(4, 2, Uint16Array.from([0, 0, 1, 2, 0, 1, 1, 2])));
  box.press({ x: 0.5, y: 0.5 }, false);
  box.move({ x: 2.5, y: 0.5 });
  expect(box.release({ x: 2.5, y: 0.5 })).toBe(true);
  expect(shown()).toEqual(["333.", "333."]);
  expect([...box.painter.map.sources]).toEqual([3, 3, 3, 0, 3, 3, 3, 0]);
  box.press({ x: 2.5, y: 0.5 }, true);
  box.release({ x: 2.5, y: 0.5 });
  expect(shown()).toEqual(["33..", "3..."]);
  box.painter.undo();
  box.painter.undo();
  expect(shown()).toEqual(["....", "...."]);
  expect([...box.painter.map.sources]).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
});
