import { fireEvent, screen } from "@testing-library/react";
import { beforeEach, expect, test, vi } from "vitest";

import type { QueryDetail } from "../../../api/types";
import { COUNTS, exampleAnswer, exampleQueryDetail } from "../../../testing/example-rounds";
import { exampleStage } from "../../../testing/examples";
import { FakeServer } from "../../../testing/fake-server";
import { renderPage } from "../../../testing/render-page";
import { AnswerBar } from "./answer-bar";

const SOON = "2099-01-01T00:00:00.000Z";
const DRAFT = { author: "ann", revision: 3, seconds: 5, clicks: 2, saved_at: SOON, tiles: 1 };
const SUBMISSION = { annotation: exampleAnswer(1), warnings: [], counts: COUNTS, closes_at: null, is_round_closed: false };
const STAGE = {
  ...exampleStage(2, { kind: "label", state: "waiting_annotation" }),
  run_id: "run-1",
  inputs: {},
  outputs: [],
  history: [],
  attempts: [],
};

beforeEach(() => localStorage.setItem("palimpsest.author", JSON.stringify("ann")));

function show(changes: Partial<QueryDetail>, teacherScore: string | null = null) {
  const query = exampleQueryDetail(0, changes);
  renderPage(() => <AnswerBar query={query} stage={STAGE} teacherScore={teacherScore} onShow={() => undefined} onNext={() => undefined} />, "/", "/");
}

test("how good the teacher is stands beside its proposal, where that is known", async () => {
  new FakeServer();
  show({ state: "leased", author: "ann", lease_until: SOON }, "23.4 % mIoU");
  expect(await screen.findByText("The teacher reached 23.4 % mIoU in its last test.")).toBeTruthy();
});

test("a key does nothing in the first second after a query has appeared, and nothing while it is held", async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  const server = new FakeServer().post("/api/v1/queries/{query_id}/draft/submit", () => SUBMISSION);
  show({ state: "leased", author: "ann", lease_until: SOON });
  await screen.findByRole("button", { name: /Accept/ });
  const press = (repeat: boolean) => fireEvent.keyDown(document.documentElement, { key: "a", code: "KeyA", repeat });
  vi.setSystemTime(Date.now() + 999);
  press(false);
  vi.setSystemTime(Date.now() + 1);
  press(true);
  expect(server.requests).toEqual([]);
  press(false);
  await expect.poll(() => server.requests).toEqual(["POST /api/v1/queries/query-0/draft/submit"]);
  vi.useRealTimers();
});

test("an answer that stands is not replaced by accepting the proposal", async () => {
  new FakeServer();
  show({ state: "accepted", author: "ann", version: 1 });
  expect((await screen.findByRole<HTMLButtonElement>("button", { name: /Accept/ })).disabled).toBe(true);
});

test("what is accepted names the draft that was shown", async () => {
  const named: (string | null)[] = [];
  new FakeServer().post("/api/v1/queries/{query_id}/draft/submit", ({ headers }) => {
    named.push(headers.get("if-match"));
    return SUBMISSION;
  });
  show({ state: "leased", author: "ann", lease_until: SOON, drafts: [{ ...DRAFT, author: "bob", revision: 8 }, DRAFT] });
  expect(await screen.findByText(/Your draft of .* is kept/)).toBeTruthy();
  fireEvent.click(screen.getByRole("button", { name: /Send your draft/ }));
  await expect.poll(() => named).toEqual(['"3"']);
});

test("an answer to what somebody else has answered names the version that is shown", async () => {
  const server = new FakeServer().post("/api/v1/queries/{query_id}/annotations", () => SUBMISSION);
  show({ state: "accepted", author: "bob", version: 2 });
  expect(await screen.findByText(/^bob has answered it \(version 2\)\..*a mask that you upload takes its place\.$/)).toBeTruthy();
  const input = document.querySelector("input[type=file]") ?? document.body;
  fireEvent.change(input, { target: { files: [new File(["mask"], "mask.png", { type: "image/png" })] } });
  await expect.poll(() => server.requests.filter((request) => request.includes("/annotations"))).toEqual([
    "POST /api/v1/queries/query-0/annotations?author=ann&seconds=0&allow_unsure=false&replaces=2",
  ]);
});
