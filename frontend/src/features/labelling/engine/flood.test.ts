import { expect, test } from "vitest";

import { componentsOf } from "./components";
import { Edit } from "./edit";
import { componentSpans, wandSpans } from "./flood";
import { SOURCE } from "./label-map";
import { fillHoles, removeIslands, replaceClass } from "./mending";
import { NO_RULES } from "./paint-rules";
import { acceptComponent, acceptProposal, mostUncertain } from "./proposal";
import { drawn, drawnMap, randomFrom, rowsOf } from "./testing";

test("a fill takes what is connected over sides, through narrow ways, and not over corners", () => {
  const map = drawnMap("11211", "12121", "11111", "22122", "11211");
  expect(drawn(5, 5, (emit) => componentSpans(map, 0, emit))).toEqual(["##.##", "#.#.#", "#####", "..#..", "....."]);
});

test("painting what is filled does not change what is filled", () => {
  const map = drawnMap("...", ".1.", "...");
  const edit = new Edit(map, NO_RULES, 1, SOURCE.person);
  componentSpans(map, 0, edit.span);
  expect(rowsOf(map)).toEqual(["111", "111", "111"]);
});

test("the wand follows the colours of the picture, within a tolerance", () => {
  const greys = [10, 12, 30, 10, 10, 11, 90, 12, 10];
  const pixels = Uint8ClampedArray.from(greys.flatMap((grey) => [grey, grey, grey, 255]));
  const size = { width: 3, height: 3 };
  expect(drawn(3, 3, (emit) => wandSpans(pixels, size, 0, 2, emit))).toEqual(["##.", "###", ".##"]);
  expect(drawn(3, 3, (emit) => wandSpans(pixels, size, 0, 0, emit))).toEqual(["#..", "##.", "..."]);
  expect(drawn(3, 3, (emit) => wandSpans(pixels, size, 0, 255, emit))).toEqual(["###", "###", "###"]);
});

test("components of random maps are those that a search finds", () => {
  const random = randomFrom(5);
  for (let trial = 0; trial < 20; trial++) {
    const rows = Array.from({ length: 12 }, () => Array.from({ length: 15 }, () => Math.floor(random() * 2.4)).join(""));
    const map = drawnMap(...rows);
    const components = componentsOf(map);
    expect(components.reduce((sum, { pixels }) => sum + pixels, 0)).toBe(12 * 15);
    for (const { id, pixels, runs, rect } of components) {
      const first = runs[0] ?? { row: 0, left: 0 };
      let searched = 0;
      componentSpans(map, first.row * map.width + first.left, (_, left, right) => (searched += right - left));
      expect(searched).toBe(pixels);
      expect(map.at(first.left, first.row)).toBe(id);
      expect(rect.top).toBe(first.row);
    }
  }
});

test("components of some pixels only", () => {
  const map = drawnMap("111", "111");
  const counts = Uint8Array.from([1, 0, 1, 1, 0, 0]);
  expect(componentsOf(map, counts).map(({ pixels }) => pixels)).toEqual([2, 1]);
});

test("a class is replaced within a rectangle", () => {
  const map = drawnMap("1212", "1212", "1212");
  replaceClass(new Edit(map, NO_RULES, 5, SOURCE.person), 1, { left: 0, top: 1, right: 2, bottom: 9 });
  expect(rowsOf(map)).toEqual(["1212", "5212", "5212"]);
});

test("holes of a class are closed, whatever is in them, and bays are not", () => {
  const map = drawnMap("1111..", "1..1..", "1.21.2", "1111..");
  fillHoles(new Edit(map, NO_RULES, 1, SOURCE.person));
  expect(rowsOf(map)).toEqual(["1111..", "1111..", "1111.2", "1111.."]);
});

test("small islands take the label around them", () => {
  const map = drawnMap("11111", "12111", "11133", "11133");
  removeIslands(new Edit(map, NO_RULES, 0, SOURCE.person), 4);
  expect(rowsOf(map)).toEqual(["11111", "11111", "11133", "11133"]);
});

test("islands that fill all that counts stay", () => {
  const map = drawnMap("12");
  removeIslands(new Edit(map, NO_RULES, 0, SOURCE.person), 4, Uint8Array.from([1, 0]));
  expect(rowsOf(map)).toEqual(["12"]);
});

const PROPOSAL = { ids: Uint8Array.from([1, 1, 2, 1, 2, 2]), uncertainty: Uint8Array.from([0, 128, 0, 255, 50, 51]) };

test.each<[string, number, number | null, string[]]>([
  ["all of it", 0, null, ["112", "122"]],
  ["what is certain to a half at least", 50, null, ["112", ".22"]],
  ["what is certain to 80 % at least", 80, null, ["1.2", ".22"]],
  ["one class", 0, 2, ["..2", ".22"]],
])("of a proposal %s is accepted", (_, percent, id, expected) => {
  const map = drawnMap("...", "...");
  acceptProposal(new Edit(map, NO_RULES, 0, SOURCE.model), PROPOSAL, mostUncertain(percent), map.bounds, id);
  expect(rowsOf(map)).toEqual(expected);
});

test("one component of a proposal is accepted", () => {
  const map = drawnMap("...", "...");
  acceptComponent(new Edit(map, NO_RULES, 0, SOURCE.model), PROPOSAL, 0);
  expect(rowsOf(map)).toEqual(["11.", "1.."]);
  expect([...map.sources]).toEqual([1, 1, 0, 1, 0, 0]);
});
