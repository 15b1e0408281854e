import { expect, test, vi } from "vitest";

import { SOURCE } from "../engine/label-map";
import { Painter } from "../engine/painter";
import { drawnMap } from "../engine/testing";
import { keepWork } from "./kept-work";
import type { PaintWork } from "./load-work";
import { Saver } from "./use-saving";

vi.mock("./kept-work", () => ({ keepWork: vi.fn(() => Promise.resolve()) }));

function saverOver(conflict: PaintWork["conflict"]): { saver: Saver; painter: Painter } {
  const painter = new Painter(drawnMap("..", ".."));
  const work = { painter, query: { id: "q" }, conflict } as unknown as PaintWork;
  return { painter, saver: new Saver(work, { author: "ann", clicks: () => 0, regions: () => [] }, () => undefined, 3) };
}

test("what this browser kept stays until the person has chosen, whatever is painted meanwhile", async () => {
  const { saver, painter } = saverOver({ revision: 1, tiles: [], steps: [], at: "2026-01-02T03:04:05Z" });
  painter.act(1, SOURCE.person, (edit) => edit.span(0, 0, 2));
  saver.changed();
  expect(saver.state).toEqual({ kind: "conflict" });
  expect(await saver.flush()).toBe(false);
  await saver.keep();
  expect(keepWork).not.toHaveBeenCalled();
});

test("without a choice to make, steps are kept at once, those of one moment together", () => {
  vi.useFakeTimers();
  const { saver, painter } = saverOver(null);
  painter.act(1, SOURCE.person, (edit) => edit.span(0, 0, 2));
  saver.changed();
  saver.changed();
  expect(saver.state).toEqual({ kind: "unsaved" });
  vi.advanceTimersByTime(100);
  vi.useRealTimers();
  expect(keepWork).toHaveBeenCalledOnce();
});
