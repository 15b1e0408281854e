import { fireEvent, screen, within } from "@testing-library/react";
import { beforeEach, expect, test, vi } from "vitest";

import type { StageDetail } from "../../../api/types";
import { exampleRunDetail, exampleStage } from "../../../testing/examples";
import { ANSWERABLE, COUNTS, exampleAnswer, exampleQuery, exampleQueryDetail, exampleRounds } from "../../../testing/example-rounds";
import { FakeProblem, FakeServer } from "../../../testing/fake-server";
import { renderPage } from "../../../testing/render-page";
import { RoundPage } from "./round-page";

vi.mock("../../../lib/index-map", () => ({ readIndexMap: () => Promise.resolve({ width: 2, height: 1, ids: Uint8Array.from([0, 7]) }) }));

const SOON = "2099-01-01T00:00:00.000Z";
const HELD = { state: "leased", author: "ann", lease_until: SOON } as const;

beforeEach(() => {
  vi.spyOn(HTMLCanvasElement.prototype, "getContext").mockReturnValue(null);
  localStorage.setItem("palimpsest.author", JSON.stringify("ann"));
});

function stage(changes: Partial<StageDetail> = {}): StageDetail {
  const shared = exampleStage(2, { kind: "label", state: "waiting_annotation" });
  return { ...shared, run_id: "run-1", inputs: {}, outputs: [], history: [], ...changes, attempts: [] };
}

/** A service that leases the queries 0 and 1, one after the other. */
function serve(): FakeServer {
  let leased = 0;
  return new FakeServer()
    .get("/api/v1/stages/{stage_id}", () => stage())
    .get("/api/v1/runs/{run_id}", () => exampleRunDetail({ id: "run-1", experiment_name: "two cities" }))
    .get("/api/v1/runs/{run_id}/rounds", () => exampleRounds())
    .get("/api/v1/queries/{query_id}", ({ parts }) => exampleQueryDetail(Number(parts[0]?.slice(-1)), HELD))
    .get("/api/v1/stages/{stage_id}/queries", () => ({ items: [exampleQuery(0), exampleQuery(1)], next_cursor: null, counts: COUNTS, ...ANSWERABLE }))
    .post("/api/v1/stages/{stage_id}/queries/next", () => {
      leased += 1;
      return { query: leased > 2 ? null : exampleQueryDetail(leased - 1, HELD), counts: COUNTS };
    });
}

function open(query = "") {
  return renderPage(RoundPage, "/labelling/:stageId", `/labelling/stage-2${query}`);
}

function press(key: string) {
  fireEvent.keyDown(document.documentElement, { key, code: `Key${key.toUpperCase()}` });
}

const submission = (warnings: string[] = []) => ({ annotation: exampleAnswer(1), warnings, counts: COUNTS, is_round_closed: false });

function sent(server: FakeServer, request: string): unknown {
  return server.bodies[server.requests.findIndex((known) => known.startsWith(request))];
}

test("N leases the next query, A accepts the proposal, and the next one comes by itself", async () => {
  const server = serve().post("/api/v1/queries/{query_id}/draft/submit", () => submission());
  const page = open();
  await screen.findByText("Round 0 of two cities");
  await screen.findByText("No query is open");
  press("n");
  expect(await screen.findByText("0 · city_0", { selector: "h2" })).toBeTruthy();
  expect(screen.getByRole("timer").textContent).toMatch(/^yours for/);
  press("a");
  expect(await screen.findByText("1 · city_1", { selector: "h2" })).toBeTruthy();
  expect(sent(server, "POST /api/v1/queries/query-0/draft/submit")).toEqual({
    author: "ann",
    allow_unsure: false,
    seconds: 0,
    clicks: 1,
  });
  expect(page.address()).toBe("/labelling/stage-2?query=query-1");
});

test("what a mask is painted on elsewhere can be downloaded under the image's name", async () => {
  serve();
  open("?query=query-0");
  const links = within(await screen.findByRole("group", { name: "downloads" })).getAllByRole("link");
  expect(links.map((link) => [link.textContent, link.getAttribute("download")])).toEqual([
    ["Download picture", "city_0.jpg"],
    ["Download teacher's proposal", "city_0.png"],
  ]);
});

test("a refused mask keeps its place, is explained beside the upload, and is sent again as meant", async () => {
  const message = "12 pixels (x 0 to 3, y 0 to 2) of the queried pixels bear no class; label them, or send allow_unsure=true";
  const errors = [{ source: "body" as const, pointer: "", code: "unlabelled_pixels", message }];
  const refusal = new FakeProblem({ status: 422, title: "The request is not valid", detail: message, errors });
  const server = serve().post("/api/v1/queries/{query_id}/annotations", ({ url }) =>
    url.searchParams.get("allow_unsure") === "true" ? submission() : refusal,
  );
  open("?query=query-0");
  await screen.findByText("0 · city_0", { selector: "h2" });
  const input = document.querySelector("input[type=file]") ?? document.body;
  fireEvent.change(input, { target: { files: [new File(["mask"], "mask.png", { type: "image/png" })] } });
  const refused = within(await screen.findByLabelText("what was refused"));
  expect(refused.getByText("unlabelled_pixels")).toBeTruthy();
  expect(refused.getByText(message)).toBeTruthy();
  fireEvent.click(screen.getByLabelText("allow unsure pixels"));
  fireEvent.change(screen.getByLabelText("clicks that it took"), { target: { value: "31" } });
  fireEvent.click(screen.getByRole("button", { name: "Send mask.png again" }));
  // How long it took depends on the machine that runs this test.
  const sent = () => server.requests.filter((request) => request.includes("/annotations")).map((request) => request.replace(/seconds=\d+/, "seconds=N"));
  await expect.poll(sent).toEqual([
    "POST /api/v1/queries/query-0/annotations?author=ann&seconds=N&allow_unsure=false",
    "POST /api/v1/queries/query-0/annotations?author=ann&seconds=N&allow_unsure=true&clicks=31",
  ]);
});

test("a query is skipped with a reason, and given back for others", async () => {
  const server = serve()
    .post("/api/v1/queries/{query_id}/skip", () => exampleQueryDetail(0, { state: "skipped", author: "ann" }))
    .post("/api/v1/queries/{query_id}/release", () => exampleQueryDetail(0));
  const page = open("?query=query-0");
  await screen.findByText("0 · city_0", { selector: "h2" });
  press("k");
  const dialog = within(await screen.findByRole("dialog"));
  fireEvent.click(dialog.getByLabelText(/^bad image/));
  fireEvent.click(dialog.getByRole("button", { name: "Skip it" }));
  await expect.poll(() => sent(server, "POST /api/v1/queries/query-0/skip")).toEqual({ author: "ann", reason: "bad image" });
  fireEvent.click(await screen.findByRole("button", { name: "Give back" }));
  expect(await screen.findByText("No query is open")).toBeTruthy();
  expect(page.address()).toBe("/labelling/stage-2");
});

test("a lease is renewed every minute while the page is seen", async () => {
  vi.useFakeTimers({ shouldAdvanceTime: true });
  const server = serve().post("/api/v1/queries/{query_id}/renew", () => exampleQueryDetail(0, HELD));
  open("?query=query-0");
  await screen.findByRole("timer");
  await vi.advanceTimersByTimeAsync(125_000);
  expect(server.requests.filter((request) => request.endsWith("/renew"))).toHaveLength(2);
  vi.useRealTimers();
});

test("what somebody else has cannot be answered", async () => {
  serve().get("/api/v1/queries/{query_id}", () => exampleQueryDetail(0, { state: "leased", author: "bob", lease_until: SOON }));
  open("?query=query-0");
  expect(await screen.findByText("bob has it.")).toBeTruthy();
  expect(screen.getByRole<HTMLButtonElement>("button", { name: /Accept/ }).disabled).toBe(true);
});

test("without a name nothing is leased, and it is asked for", async () => {
  localStorage.clear();
  const server = serve();
  open();
  await screen.findByText("No query is open");
  press("n");
  expect(await screen.findByText("Say who you are first.")).toBeTruthy();
  expect(server.requests.some((request) => request.startsWith("POST"))).toBe(false);
});

test("when nothing is free that is said, and a round that was closed leads to its run", async () => {
  serve().post("/api/v1/stages/{stage_id}/queries/next", () => ({ query: null, counts: COUNTS, ...ANSWERABLE }));
  const { unmount } = open();
  fireEvent.click(await screen.findByRole("button", { name: /Lease next/ }));
  expect(await screen.findByText("Nothing is free")).toBeTruthy();
  unmount();
  serve().get("/api/v1/stages/{stage_id}", () => stage({ state: "succeeded" }));
  open();
  expect(await screen.findByText("This round is closed")).toBeTruthy();
  expect(screen.getByRole("link", { name: "To its run" }).getAttribute("href")).toMatch(/^\/runs\/run-1/);
});

test("a stage that is not there shows the problem", async () => {
  new FakeServer();
  open();
  expect(await screen.findByText("There is no such thing")).toBeTruthy();
});

test("what one has leased and left is gone on with, before anything new is leased", async () => {
  const mine = exampleQuery(1, { state: "leased", author: "ann" });
  const server = serve().get("/api/v1/stages/{stage_id}/queries", () => ({ items: [exampleQuery(0), mine], next_cursor: null, counts: COUNTS, ...ANSWERABLE }));
  open();
  await screen.findByText("leased by you");
  press("n");
  expect(await screen.findByText("1 · city_1", { selector: "h2" })).toBeTruthy();
  expect(server.requests.some((request) => request.startsWith("POST"))).toBe(false);
  press("n");
  expect(await screen.findByText("0 · city_0", { selector: "h2" })).toBeTruthy();
});
