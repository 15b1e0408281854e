import { expect, test } from "vitest";

import { AssistantSession } from "./assistant-session";
import type { Candidate } from "./candidate";
import { LabelMap, SOURCE } from "./label-map";
import { Painter } from "./painter";
import type { Question } from "./question";

const IMAGE = { width: 8, height: 6 };

/** A session whose questions are kept, and answered by a square at the last click, when `answer` is called. */
function started() {
  const asked: Question[] = [];
  const waiting: (() => void)[] = [];
  const session = new AssistantSession(IMAGE, (question) => {
    asked.push(question);
    return new Promise((resolve) => waiting.push(() => resolve([candidate(question, 0.9), candidate(question, 0.4)])));
  });
  const answer = async () => {
    waiting.splice(0).forEach((resolve) => resolve());
    await Promise.resolve();
    await Promise.resolve();
  };
  return { session, asked, answer, painter: new Painter(new LabelMap(8, 6, new Uint8Array(48).fill(255), 255)) };
}

function candidate({ clicks, box }: Question, score: number): Candidate {
  const { x, y } = clicks.at(-1) ?? box?.[0] ?? { x: 0, y: 0 };
  return { cut: { rect: { left: x, top: y, right: x + 1, bottom: y + 1 }, bits: Uint8Array.of(1) }, score, logits: Float32Array.of(x, y, score, 0) };
}

function clicked(session: AssistantSession, x: number, y: number, isPositive = true) {
  session.press({ x, y }, isPositive, 1);
  session.release({ x, y });
}

test("a click where the preview is takes it without asking again", async () => {
  const { session, asked, answer } = started();
  session.hover({ x: 3.4, y: 2.9 });
  await answer();
  expect([session.isPreview, session.candidate?.score]).toEqual([true, 0.9]);
  clicked(session, 3.9, 2.1);
  expect(asked).toHaveLength(1);
  expect([session.isPreview, session.isWaiting, session.candidate?.score]).toEqual([false, false, 0.9]);
});

test("an answer that comes after something newer was asked is not shown", async () => {
  const { session, asked, answer } = started();
  session.hover({ x: 1, y: 1 });
  session.hover({ x: 2, y: 2 });
  await answer();
  expect(asked).toHaveLength(2);
  expect(session.candidate?.cut.rect.left).toBe(2);
});

test("further clicks refine the chosen mask, and the last is taken back", async () => {
  const { session, asked, answer } = started();
  clicked(session, 3, 2);
  await answer();
  session.next();
  clicked(session, 5, 4, false);
  await answer();
  expect(asked.at(-1)).toMatchObject({ clicks: [{ x: 3, y: 2, isPositive: true }, { x: 5, y: 4, isPositive: false }] });
  expect(asked.at(-1)?.mask?.[2]).toBeCloseTo(0.4);
  expect(session.takeBack()).toBe(true);
  await answer();
  expect(asked.at(-1)).toMatchObject({ clicks: [{ x: 3, y: 2 }], mask: null });
});

test("a drag is a box from its upper left to its lower right pixel, within the image", async () => {
  const { session, asked, answer } = started();
  session.press({ x: 6.5, y: 4.5 }, true, 4);
  session.move({ x: 6, y: 4 });
  expect(session.drawnBox).toBeNull();
  session.move({ x: 2.5, y: -3 });
  expect(session.drawnBox).not.toBeNull();
  session.release({ x: 2.5, y: -3 });
  await answer();
  expect(asked[0]).toMatchObject({ clicks: [], box: [{ x: 2, y: 0 }, { x: 6, y: 4 }] });
});

test("Enter paints the mask as one step with its source, which is undone at once", async () => {
  const { session, answer, painter } = started();
  clicked(session, 3, 2);
  expect(session.accept(painter, 7)).toBe(false);
  await answer();
  expect(session.accept(painter, 7)).toBe(true);
  const at = 2 * 8 + 3;
  expect([painter.map.ids[at], painter.map.sources[at]]).toEqual([7, SOURCE.assisted]);
  expect(session.candidates).toHaveLength(0);
  painter.undo();
  expect([painter.map.ids[at], painter.history.canUndo]).toEqual([255, false]);
});

test("a preview is not painted, Esc drops everything, and what is outside is not asked", async () => {
  const { session, asked, answer, painter } = started();
  session.hover({ x: 3, y: 2 });
  await answer();
  expect(session.accept(painter, 7)).toBe(false);
  clicked(session, -1, 2);
  clicked(session, 3, 6);
  expect(asked).toHaveLength(1);
  clicked(session, 4, 2);
  expect(session.drop()).toBe(true);
  await answer();
  expect([session.candidate, session.hasQuestion, session.drop()]).toEqual([null, false, false]);
});

test("candidates are gone through in a circle", async () => {
  const { session, answer } = started();
  clicked(session, 3, 2);
  await answer();
  session.next();
  expect(session.candidate?.score).toBe(0.4);
  session.next();
  expect(session.chosen).toBe(0);
  session.next(-1);
  expect(session.chosen).toBe(1);
});
