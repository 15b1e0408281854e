import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { StreamTurn } from "./stream-turn";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function show(isShown: boolean): void {
  vi.spyOn(document, "hidden", "get").mockReturnValue(!isShown);
  document.dispatchEvent(new Event("visibilitychange"));
}

/** A page among others that share this many slots. */
function pageOf(slots: { free: number }) {
  const told: string[] = [];
  const connection = { ask: (everyMs?: number) => told.push(`ask ${everyMs ?? "often"}`), reopen: () => told.push("stream") };
  const take = () => {
    if (slots.free === 0) {
      return Promise.resolve(null);
    }
    slots.free -= 1;
    return Promise.resolve(() => void (slots.free += 1));
  };
  return { told, turn: new StreamTurn(connection, take) };
}

test("a page in view has a stream while a slot is free, and asks until one is", async () => {
  const slots = { free: 1 };
  const [first, second] = [pageOf(slots), pageOf(slots)];
  first.turn.settle();
  second.turn.settle();
  await vi.advanceTimersByTimeAsync(20_000);
  expect([first.told, second.told]).toEqual([["stream"], ["ask often", "ask often"]]);
  first.turn.end();
  await vi.advanceTimersByTimeAsync(15_000);
  expect(second.told.at(-1)).toBe("stream");
  second.turn.end();
});

test("a hidden page gives its slot back and asks seldom; shown again it has a stream anew", async () => {
  const slots = { free: 1 };
  const { told, turn } = pageOf(slots);
  turn.settle();
  await vi.advanceTimersByTimeAsync(0);
  show(false);
  expect(slots.free).toBe(1);
  show(true);
  await vi.advanceTimersByTimeAsync(0);
  expect(told).toEqual(["stream", "ask 30000", "stream"]);
  turn.end();
  expect(slots.free).toBe(1);
});

test("a page that is left while it waits for its slot gives it back", async () => {
  const slots = { free: 1 };
  const { told, turn } = pageOf(slots);
  turn.settle();
  turn.end();
  await vi.advanceTimersByTimeAsync(0);
  expect([slots.free, told]).toEqual([1, []]);
});
