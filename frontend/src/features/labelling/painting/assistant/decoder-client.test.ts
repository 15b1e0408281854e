import { afterEach, beforeEach, expect, test, vi } from "vitest";

import type { Question } from "../../engine/question";
import { DecoderClient, type DecoderWorker, OPEN_LIMIT_S } from "./decoder-client";
import type { DecoderFiles, FromWorker, ToWorker } from "./decoder-messages";

const FILES: DecoderFiles = { decoderUrl: "/d", featuresUrl: "/f", hasHead: false, fit: { width: 4, height: 4, side: 64, rows: 64, columns: 64 } };

function question(x: number): Question {
  return { clicks: [{ x, y: 0, isPositive: true }], box: null, mask: null };
}

/** A client with a worker that keeps what it is sent, and says what it is told to. */
function started() {
  const sent: ToWorker[] = [];
  const workers: (DecoderWorker & { isEnded: boolean })[] = [];
  const client = new DecoderClient(() => {
    const worker = {
      isEnded: false,
      onmessage: null,
      onerror: null,
      postMessage: (message: ToWorker) => void sent.push(message),
      terminate: () => {
        worker.isEnded = true;
      },
    };
    workers.push(worker);
    return worker;
  });
  const say = (message: FromWorker): unknown => workers.at(-1)?.onmessage?.call({} as Worker, { data: message } as MessageEvent<FromWorker>);
  const fail = (): unknown => workers.at(-1)?.onerror?.call({} as Worker, new Event("error") as ErrorEvent);
  return { client, sent, workers, say, fail };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("the worker is started when it is first needed", async () => {
  const { client, sent, workers, say } = started();
  expect(workers).toHaveLength(0);
  const opening = client.open(FILES);
  expect(sent[0]).toMatchObject({ type: "open", files: FILES });
  say({ type: "opened", number: 1 });
  await opening;
  expect(workers).toHaveLength(1);
});

test("of the questions that wait only the newest is asked", async () => {
  const { client, sent, say } = started();
  const asked = [1, 2, 3].map((x) => client.ask(question(x)));
  expect(await asked[1]).toBeNull();
  say({ type: "answer", number: 1, candidates: [] });
  expect(await asked[0]).toEqual([]);
  await vi.advanceTimersByTimeAsync(0);
  expect(sent.map((message) => message.type === "ask" && message.question.clicks[0]?.x)).toEqual([1, 3]);
  say({ type: "answer", number: 2, candidates: [] });
  expect(await asked[2]).toEqual([]);
});

test("files that do not come are given up, and told so", async () => {
  const { client, workers } = started();
  const opening = expect(client.open(FILES)).rejects.toThrow(`its files did not come within ${OPEN_LIMIT_S} s`);
  await vi.advanceTimersByTimeAsync(OPEN_LIMIT_S * 1000);
  await opening;
  expect(workers[0]?.isEnded).toBe(true);
});

test("a fault is told in the worker's words, and a program that is missing in ours", async () => {
  const { client, say, fail, workers } = started();
  const opening = expect(client.open(FILES)).rejects.toThrow("/d could not be loaded");
  say({ type: "fault", number: 1, message: "/d could not be loaded: the service answered 404" });
  await opening;
  const again = expect(client.open(FILES)).rejects.toThrow("its program could not be loaded");
  fail();
  await again;
  const later = client.open(FILES);
  expect(workers).toHaveLength(2);
  say({ type: "opened", number: 3 });
  await later;
});
