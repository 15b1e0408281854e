import { fireEvent, screen, within } from "@testing-library/react";
import { beforeEach, expect, test, vi } from "vitest";

import type { QueryBatch } from "../../../api/types";
import { exampleRunDetail, exampleStage } from "../../../testing/examples";
import { ANSWERABLE, COUNTS, exampleAnswer, exampleQuery, exampleQueryDetail, exampleRounds } from "../../../testing/example-rounds";
import { FakeProblem, FakeServer } from "../../../testing/fake-server";
import { renderPage } from "../../../testing/render-page";
import { RoundSection } from "./round-section";

vi.mock("../../../components/line-chart", () => ({
  LineChart: ({ label, x }: { label: string; x: number[] }) => <div role="img" aria-label={label} data-places={x.join(" ")} />,
}));
vi.mock("../../../lib/index-map", () => ({ readIndexMap: () => Promise.resolve({ width: 2, height: 1, ids: Uint8Array.from([0, 7]) }) }));

beforeEach(() => {
  // jsdom has no canvas; what is painted is tested beside the functions that paint.
  vi.spyOn(HTMLCanvasElement.prototype, "getContext").mockReturnValue(null);
  localStorage.clear();
});

const CLOSED = {
  stage_id: "stage-2",
  state: "succeeded" as const,
  by_people: true,
  closes_by_hand: false,
  deadline: null,
  closes_at: null,
  counts: COUNTS,
};

const KINDS = ["train", "select", "label", "train"];

function serve(batch: Partial<QueryBatch> = {}): FakeServer {
  const stages = KINDS.map((kind, index) => exampleStage(index, { kind, state: index === 3 ? "queued" : "succeeded" }));
  return new FakeServer()
    .get("/api/v1/runs/{run_id}", () => exampleRunDetail({ id: "run-1", state: "waiting", stages }))
    .get("/api/v1/runs/{run_id}/rounds", () => exampleRounds(batch))
    .get("/api/v1/stages/{stage_id}/queries", ({ url }) => {
      const second = url.searchParams.get("cursor") === "second";
      const items = second ? [exampleQuery(2)] : [exampleQuery(0), exampleQuery(1, { state: "accepted" })];
      return { items, next_cursor: second ? null : "second", counts: COUNTS, ...ANSWERABLE };
    });
}

function open(query = "") {
  return renderPage(() => <RoundSection runId="run-1" />, "/runs/:runId", `/runs/run-1${query}`);
}

test("every training has a line with what it saw labelled and what that brought", async () => {
  const rounds = exampleRounds({ state: "succeeded", gain: 0.125 });
  const labelled = { images: 3, pixels: 300, clicks: 9, seconds: 0 };
  Object.assign(rounds.rounds[1] ?? {}, { train_state: "succeeded", score: 0.625, score_student: 0.6, labelled });
  serve().get("/api/v1/runs/{run_id}/rounds", () => rounds);
  open();
  const rows = within(await screen.findByLabelText("labels and mIoU of each round")).getAllByRole("row");
  expect(rows.slice(1).map((row) => [...row.children].map((cell) => cell.textContent))).toEqual([
    ["round 0", "0", "0", "0", "0 s", "50.0", "45.0", "–"],
    ["round 1", "3", "300", "9", "0 s", "62.5", "60.0", "+12.5"],
  ]);
  const chart = await screen.findByLabelText("mIoU of teacher and student over images with a label");
  expect(chart.dataset.places).toBe("0 3");
  expect(screen.getByText(/mean over the classes that the test images show/)).toBeTruthy();
  fireEvent.click(screen.getByRole("radio", { name: "seconds" }));
  expect(await screen.findByText(/No time was noted with the labels/)).toBeTruthy();
});

test("a round says how its queries were chosen, and lists the most over-represented class first", async () => {
  serve();
  open();
  expect(await screen.findByText("2 open, 1 answered")).toBeTruthy();
  expect(screen.getByText("80.0 % of the labelled pixels")).toBeTruthy();
  expect(screen.getByText("1 image, 90 pixels, 5 clicks, 1 min 15 s")).toBeTruthy();
  expect(screen.getByText("stratify true, seed 7")).toBeTruthy();
  const shares = within(screen.getByLabelText("share of each class in pool, queries and answers")).getAllByRole("row");
  expect(shares.slice(1).map((row) => [...row.children].map((cell) => cell.textContent))).toEqual([
    ["sign", "10.0", "30.0", "3.00 ×", "20.0"],
    ["road", "60.0", "50.0", "0.83 ×", "40.0"],
  ]);
  const bars = within(screen.getByLabelText("images by value")).getAllByRole("listitem");
  expect(bars.map((bar) => bar.title)).toEqual(["0.1 to 0.2: 4 images", "0.2 to 0.3: 0 images", "0.3 to 0.4: 6 images"]);
});

test("queries come page by page, under the layer that the address names", async () => {
  const server = serve();
  const page = open("?layer=proposal");
  expect(await screen.findByRole("img", { name: "proposal of city_1" })).toBeTruthy();
  // Many at a time, so small copies.
  expect(screen.getByAltText("city_1").getAttribute("src")).toBe("/api/v1/queries/query-1/picture?size=thumbnail");
  fireEvent.click(screen.getByRole("button", { name: "Show more" }));
  expect(await screen.findByRole("img", { name: "proposal of city_2" })).toBeTruthy();
  fireEvent.click(screen.getByRole("radio", { name: "answer" }));
  expect(await screen.findAllByText("no answer yet")).toHaveLength(3);
  expect(page.address()).toBe("/runs/run-1?layer=answer");
  expect(server.requests.filter((request) => request.includes("/queries"))).toEqual([
    "GET /api/v1/stages/stage-2/queries?sort=rank&limit=24",
    "GET /api/v1/stages/stage-2/queries?sort=rank&limit=24&cursor=second",
  ]);
});

test("a query opens large, with its answers by whom and when, and the arrow keys go on", async () => {
  const answered = { state: "accepted" as const, version: 2, annotations: [exampleAnswer(1, { author: "bob" }), exampleAnswer(2)] };
  serve().get("/api/v1/queries/{query_id}", ({ parts }) => exampleQueryDetail(Number(parts[0]?.slice(-1)), answered));
  const page = open("?query=query-0");
  const dialog = within(await screen.findByRole("dialog"));
  const versions = within(await dialog.findByLabelText("versions of the answer")).getAllByRole("row");
  expect(versions.slice(1).map((row) => row.children[1]?.textContent)).toEqual(["ann, person", "bob, person"]);
  expect(versions[1]?.textContent).toContain("90.0 %");
  expect(dialog.getByText("100 px")).toBeTruthy();
  expect(dialog.getByAltText("city_0").getAttribute("src")).toBe("/api/v1/queries/query-0/picture");
  await screen.findByRole("button", { name: "query 1, city_1, large", hidden: true });
  fireEvent.keyDown(document.documentElement, { key: "ArrowRight", code: "ArrowRight" });
  expect(await screen.findByText("Query 1: city_1")).toBeTruthy();
  expect(page.address()).toContain("query=query-1");
});

test("a round is closed in somebody's name, once its consequences were read", async () => {
  const server = serve().post("/api/v1/stages/{stage_id}/close", () => CLOSED);
  open();
  fireEvent.click(await screen.findByRole("button", { name: "Close round" }));
  const dialog = within(await screen.findByRole("dialog"));
  expect(dialog.getByText(/^2 queries are unanswered \(2 open\)\. What is unanswered returns/)).toBeTruthy();
  const close = dialog.getByRole<HTMLButtonElement>("button", { name: "Close round" });
  expect(close.disabled).toBe(true);
  fireEvent.change(dialog.getByLabelText(/Your name/), { target: { value: " ann " } });
  fireEvent.click(close);
  await expect.poll(() => server.bodies.at(server.requests.indexOf("POST /api/v1/stages/stage-2/close"))).toEqual({
    author: "ann",
    allow_empty: false,
  });
});

test("a round without any answer is closed only when that is said to be meant", async () => {
  serve({ counts: { ...COUNTS, open: 3, accepted: 0 } });
  localStorage.setItem("palimpsest.author", JSON.stringify("ann"));
  open();
  fireEvent.click(await screen.findByRole("button", { name: "Close round" }));
  const dialog = within(await screen.findByRole("dialog"));
  const close = dialog.getByRole<HTMLButtonElement>("button", { name: "Close round" });
  expect(close.disabled).toBe(true);
  fireEvent.click(dialog.getByRole("switch", { name: /without a single answer/ }));
  expect(close.disabled).toBe(false);
});

test("a closed round is opened again while the next stage is queued; what is refused is said in the dialog", async () => {
  const refused = new FakeProblem({ status: 409, title: "Not possible now", detail: "a worker has begun the next stage" });
  serve({ state: "succeeded" }).post("/api/v1/stages/{stage_id}/reopen", () => refused);
  localStorage.setItem("palimpsest.author", JSON.stringify("ann"));
  open();
  fireEvent.click(await screen.findByRole("button", { name: "Open again" }));
  const dialog = within(await screen.findByRole("dialog"));
  fireEvent.click(dialog.getByRole("button", { name: "Open again" }));
  expect(await dialog.findByText("a worker has begun the next stage")).toBeTruthy();
  expect(dialog.getByText(/If nothing is left to answer it closes only by hand/)).toBeTruthy();
});

test("its answers are shown once it is open again, although the page hears of that before the request is answered", async () => {
  let isOpen = false;
  serve({ state: "succeeded" })
    .get("/api/v1/runs/{run_id}", () => {
      const stages = KINDS.map((kind, index) => exampleStage(index, { kind, state: index < 3 ? "succeeded" : isOpen ? "pending" : "queued" }));
      return exampleRunDetail({ id: "run-1", state: "waiting", stages });
    })
    .post("/api/v1/stages/{stage_id}/reopen", async () => {
      isOpen = true;
      window.dispatchEvent(new Event("visibilitychange"));
      await expect.poll(() => screen.queryByText("as long as no worker has begun the next stage"), { timeout: 10_000 }).toBeNull();
      return { ...CLOSED, state: "waiting_annotation" as const };
    });
  localStorage.setItem("palimpsest.author", JSON.stringify("ann"));
  const page = open();
  fireEvent.click(await screen.findByRole("button", { name: "Open again" }));
  fireEvent.click(within(await screen.findByRole("dialog")).getByRole("button", { name: "Open again" }));
  await expect.poll(page.address, { timeout: 10_000 }).toBe("/labelling/stage-2?list=answered");
});

test("a round that closes only by hand says so", async () => {
  serve({ closes_by_hand: true });
  open();
  expect(await screen.findByText(/^closes only by hand, because it was complete/)).toBeTruthy();
});

test("a round without queries, and a run without rounds, say so", async () => {
  serve();
  const { unmount } = open("?round=1");
  expect(await screen.findByText("The last round has no queries")).toBeTruthy();
  unmount();
  serve().get("/api/v1/runs/{run_id}/rounds", () => ({ ...exampleRounds(), rounds: [] }));
  open();
  expect(await screen.findByText("This run has no rounds")).toBeTruthy();
});

test("rounds that cannot be read show the problem", async () => {
  serve().get("/api/v1/runs/{run_id}/rounds", () => new FakeProblem({ title: "There is no such run" }));
  open();
  expect(await screen.findByText("There is no such run")).toBeTruthy();
});
