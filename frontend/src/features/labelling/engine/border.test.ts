import { expect, test } from "vitest";

import { borderLines } from "./border";

function lines(...rows: string[]): string[] {
  const inside = Uint8Array.from(rows.join(""), (sign) => (sign === "#" ? 255 : 0));
  const found: string[] = [];
  borderLines(inside, { width: rows[0]?.length ?? 0, height: rows.length }, (...line) => found.push(line.join(" ")));
  return found;
}

test("a block has four lines, also at the border of the image", () => {
  expect(lines("##.", "##.")).toEqual(["0 0 2 0", "0 2 2 2", "0 0 0 2", "2 0 2 2"]);
});

test("a hole has its own lines, and nothing has none", () => {
  expect(lines("###", "#.#", "###")).toHaveLength(8);
  expect(lines("...")).toEqual([]);
});
