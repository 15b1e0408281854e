import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { follow, page } from "./fake-feed";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("a page whose turn it is not asks as often as it is told, and opens no stream until its turn comes", async () => {
  const asked: number[] = [];
  const feed = follow((after) => {
    asked.push(after);
    return Promise.resolve(page([after + 1]));
  });
  feed.connection.ask(30_000);
  expect(feed.stream().readyState).toBe(2);
  await vi.advanceTimersByTimeAsync(300_000);
  expect(asked).toHaveLength(11);
  expect(feed.streams).toHaveLength(1);
  expect(feed.told.at(-1)).toBe("asking");
  feed.connection.reopen();
  expect(feed.streams.at(-1)?.after).toBe(21);
});
