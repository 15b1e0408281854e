import { expect, test } from "vitest";

import { SOURCE } from "./label-map";
import { Painter } from "./painter";
import { drawnMap, IGNORED, rowsOf } from "./testing";
import { differencesOf, layVersion, type Version } from "./versions";

const SIZE = { width: 20, height: 2 };

function version(...rows: string[]): Version {
  const { ids } = drawnMap(...rows);
  return { ids, sources: ids.map((id) => (id === IGNORED ? SOURCE.none : SOURCE.person)) };
}

const HERE = version("111.................", "....................");
const THERE = version("2..................3", "...................3");

test("differences that lie apart are told apart, with their pixels", () => {
  const found = differencesOf(HERE, THERE, SIZE);
  expect(found.map(({ pixels }) => pixels)).toEqual([3, 2]);
  expect(found.map(({ rect }) => rect)).toEqual([
    { left: 0, top: 0, right: 8, bottom: 2 },
    { left: 16, top: 0, right: 20, bottom: 2 },
  ]);
  expect(differencesOf(HERE, HERE, SIZE)).toEqual([]);
});

test("one version is kept in one place and the other in another, as one step, whatever is locked", () => {
  const painter = new Painter(drawnMap("111.................", "...................."));
  painter.restrict({ mode: "unlabelled", locked: new Set([1]), editable: null });
  const [left, right] = differencesOf(HERE, THERE, SIZE);
  painter.act(IGNORED, SOURCE.none, (edit) => {
    if (left !== undefined && right !== undefined) {
      layVersion(edit, left, THERE);
      layVersion(edit, right, HERE);
    }
  });
  expect(rowsOf(painter.map)).toEqual(["2...................", "...................."]);
  expect([...painter.map.sources.subarray(0, 2)]).toEqual([SOURCE.person, SOURCE.none]);
  painter.undo();
  expect(rowsOf(painter.map)[0]).toBe("111.................");
});
