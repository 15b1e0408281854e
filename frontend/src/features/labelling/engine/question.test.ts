import { expect, test } from "vitest";

import { candidateOrder, pointTokens, type Question } from "./question";

const SCORES = [0.3, 0.5, 0.9, 0.7];
const CLICK: Question = { clicks: [{ x: 3, y: 4, isPositive: true }], box: null, mask: null };
const CLICKS: Question = { ...CLICK, clicks: [...CLICK.clicks, { x: 0, y: 1, isPositive: false }] };
const BOX: Question = { clicks: [], box: [{ x: 0, y: 0 }, { x: 19, y: 9 }], mask: null };

// The same rows as in tests/core/models/sam/test_questions.py.
test.each([
  [CLICK, false, [2, 3, 1]],
  [CLICK, true, [0, 2, 3]],
  [CLICKS, false, [0, 2, 3]],
  [BOX, false, [0, 2, 3]],
  [{ ...CLICK, mask: new Float32Array(4) }, false, [0, 2, 3]],
])("an ambiguous click is answered by the best mask", (question, hasHead, order) => {
  expect(candidateOrder(SCORES, question, hasHead)).toEqual(order);
});

test("a question without a box ends with padding, and a box follows the clicks", () => {
  const fit = { width: 20, height: 10, side: 40, rows: 20, columns: 40 };
  const padded = pointTokens(CLICKS, fit);
  expect([[...padded.places], [...padded.labels]]).toEqual([[6.5, 8.5, 0.5, 2.5, 0, 0], [1, 0, -1]]);
  const boxed = pointTokens({ ...CLICK, box: BOX.box }, { ...fit, rows: 40 });
  expect([[...boxed.places], [...boxed.labels]]).toEqual([[6.5, 17.5, 0.5, 1.5, 38.5, 37.5], [1, 2, 3]]);
});
