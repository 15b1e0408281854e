import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { ApiError } from "../../../api/api-error";
import { exampleEvent, exampleRunDetail } from "../../../testing/examples";
import { follow, page } from "./fake-feed";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("events that a reconnect brings again are told once", () => {
  const { stream, seen } = follow(() => Promise.resolve(page([])));
  [11, 12, 11, 12, 13].forEach((seq) => stream().say("metric", exampleEvent(seq, "metric")));
  expect(seen).toEqual([11, 12, 13]);
});

test("a stream that is refused is replaced by asking, from where it stopped", async () => {
  const asked: number[] = [];
  const feed = follow((after) => {
    asked.push(after);
    return Promise.resolve(page(after === 11 ? [12, 13] : []));
  });
  feed.stream().say("metric", exampleEvent(11, "metric"));
  feed.stream().breakOff(true);
  await vi.advanceTimersByTimeAsync(5000);
  expect(asked).toEqual([11, 13]);
  expect(feed.seen).toEqual([11, 12, 13]);
  expect(feed.told.at(-1)).toBe("polling");
});

test("a stream that came back is used again after a while of asking", async () => {
  const feed = follow(() => Promise.resolve(page([])));
  feed.stream().breakOff(true);
  await vi.advanceTimersByTimeAsync(31_000);
  expect(feed.streams.length).toBe(2);
});

const snapshotAt = (seq: number) => ({ seq, run: exampleRunDetail() });

test("a proxy that holds the stream back is told by the missing snapshot, and asking takes over", async () => {
  const feed = follow((after) => Promise.resolve(page(after === 10 ? [11, 12] : [])));
  await vi.advanceTimersByTimeAsync(5000);
  expect(feed.told.at(-1)).toBe("polling");
  expect(feed.seen).toEqual([11, 12]);
  expect(feed.streams[0]?.stream.readyState).toBe(2);
});

test("a stream that begins and then is held back gives way to asking at the second time", async () => {
  let newest = 10;
  const feed = follow((after) => Promise.resolve(page(after < newest ? [newest] : [])));
  feed.stream().say("snapshot", snapshotAt(10));
  newest = 11;
  await vi.advanceTimersByTimeAsync(20_000);
  expect(feed.streams.map((each) => each.after)).toEqual([10, 11]);
  feed.stream().say("snapshot", snapshotAt(11));
  newest = 12;
  await vi.advanceTimersByTimeAsync(20_000);
  expect(feed.told.at(-1)).toBe("polling");
  expect(feed.seen).toEqual([11, 12]);
});

test("while a stream is tried again the page goes on saying that it asks, until the stream works", async () => {
  const feed = follow(() => Promise.resolve(page([])));
  feed.stream().breakOff(true);
  await vi.advanceTimersByTimeAsync(26_000);
  expect([feed.streams.length, feed.told.at(-1)]).toEqual([2, "polling"]);
  feed.stream().say("snapshot", snapshotAt(10));
  expect(feed.told.slice(-2)).toEqual(["live", "snapshot"]);
  feed.stream().say("metric", exampleEvent(11, "metric"));
  expect(feed.seen).toEqual([11]);
});

test("after the machine has slept the stream is opened anew behind the last event", () => {
  const feed = follow(() => Promise.resolve(page([])));
  const before = feed.stream();
  before.say("metric", exampleEvent(11, "metric"));
  feed.connection.reopen();
  expect(before.readyState).toBe(2);
  expect(feed.streams.map((each) => each.after)).toEqual([10, 11]);
  feed.connection.close();
  feed.connection.reopen();
  expect(feed.streams.length).toBe(2);
});

test("a run that is deleted ends with its last number, which is told though it is known", async () => {
  const feed = follow(() => Promise.resolve(page([])));
  feed.stream().say("metric", exampleEvent(11, "metric"));
  feed.stream().say("end", exampleEvent(11, "end"));
  expect(feed.seen).toEqual([11, 11]);
  feed.stream().breakOff(false);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(feed.streams.length).toBe(1);
});

test("short breaks are left to the browser, which connects again by itself", async () => {
  const readPage = vi.fn(() => Promise.resolve(page([])));
  const feed = follow(readPage);
  feed.stream().breakOff(false);
  await vi.advanceTimersByTimeAsync(3000);
  expect(feed.streams.length).toBe(1);
  expect(readPage).not.toHaveBeenCalled();
});

test("a silent stream that missed events is opened anew behind them", async () => {
  const feed = follow((after) => Promise.resolve(page(after < 12 ? [11, 12] : [])));
  feed.stream().say("snapshot", snapshotAt(10));
  await vi.advanceTimersByTimeAsync(20_000);
  expect(feed.seen).toEqual([11, 12]);
  expect(feed.streams.map((each) => each.after)).toEqual([10, 12]);
});

test("the end closes the stream for good, and a resume before it does not", async () => {
  const feed = follow(() => Promise.resolve(page([], true)));
  feed.stream().say("end", exampleEvent(11, "end"));
  feed.stream().say("state", exampleEvent(12, "state", { state: "queued" }));
  feed.stream().say("end", exampleEvent(13, "end"));
  feed.stream().breakOff(false);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(feed.stream().readyState).toBe(2);
  expect(feed.streams.length).toBe(1);
});

test("a reset begins again from its snapshot", () => {
  const feed = follow(() => Promise.resolve(page([])));
  feed.stream().say("reset", { seq: 100, run: exampleRunDetail() });
  feed.stream().say("metric", exampleEvent(99, "metric"));
  feed.stream().say("metric", exampleEvent(101, "metric"));
  expect(feed.seen).toEqual([101]);
  expect(feed.told).toContain("reset");
});

test("a run that was deleted is told once and not asked for again", async () => {
  const readPage = vi.fn(() => Promise.reject(new ApiError({ title: "gone", status: 404 })));
  const feed = follow(readPage);
  feed.stream().breakOff(true);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(feed.told.filter((word) => word === "gone")).toEqual(["gone"]);
  expect(readPage).toHaveBeenCalledTimes(1);
});

test("while the service is away it is asked again until it answers", async () => {
  let isAway = true;
  const feed = follow(() => (isAway ? Promise.reject(new ApiError({ title: "away", status: 0 })) : Promise.resolve(page([11]))));
  feed.stream().breakOff(true);
  await vi.advanceTimersByTimeAsync(5000);
  expect(feed.told.at(-1)).toBe("broken");
  isAway = false;
  await vi.advanceTimersByTimeAsync(5000);
  expect(feed.seen).toEqual([11]);
  expect(feed.streams.map((each) => each.after)).toEqual([10, 11]);
});
