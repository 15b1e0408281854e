import { fireEvent, screen, within } from "@testing-library/react";
import { expect, test, vi } from "vitest";

import { exampleQueryDetail } from "../../../testing/example-rounds";
import { FakeProblem } from "../../../testing/fake-server";
import { asAnn, HELD, nextQuery, open, press, sent, serve, settle, SOON, stage, submission } from "./fake-round";

vi.mock("../../../lib/index-map", () => ({ readIndexMap: () => Promise.resolve({ width: 2, height: 1, ids: Uint8Array.from([0, 7]) }) }));

asAnn();

test("N leases the next query, A accepts the proposal, and the next one comes by itself", async () => {
  const server = serve().post("/api/v1/queries/{query_id}/draft/submit", () => submission());
  const page = open();
  await screen.findByText("Round 0 of two cities");
  await screen.findByText("No query is open");
  press("n");
  expect(await screen.findByText("0 · city_0", { selector: "h2" })).toBeTruthy();
  expect(screen.getByRole("timer").textContent).toMatch(/^yours for/);
  settle();
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
  const message = "12 pixels (x 0 to 3, y 0 to 2) of the queried pixels bear no class; label the rest, or say that they are meant to have none (allow_unsure)";
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
  fireEvent.click(screen.getByLabelText("pixels without a class are meant"));
  fireEvent.change(screen.getByLabelText(/^clicks that it took/), { target: { value: "31" } });
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
  settle();
  press("k");
  const dialog = within(await screen.findByRole("dialog"));
  fireEvent.click(dialog.getByLabelText(/^bad image/));
  fireEvent.click(dialog.getByRole("button", { name: "Skip it" }));
  await expect.poll(() => sent(server, "POST /api/v1/queries/query-0/skip")).toEqual({ author: "ann", reason: "bad image" });
  fireEvent.click(await screen.findByRole("button", { name: "Give back" }));
  expect(await screen.findByText("No query is open")).toBeTruthy();
  expect(page.address()).toBe("/labelling/stage-2");
});

test("a lease is renewed in every minute in which a key or the pointer is used, and in no other", async () => {
  vi.useFakeTimers({ shouldAdvanceTime: true });
  const server = serve().post("/api/v1/queries/{query_id}/renew", () => exampleQueryDetail(0, HELD));
  open("?query=query-0");
  await screen.findByRole("timer");
  const renewals = () => server.requests.filter((request) => request.endsWith("/renew")).length;
  await vi.advanceTimersByTimeAsync(125_000);
  expect(renewals()).toBe(0);
  fireEvent.pointerMove(document.documentElement);
  await vi.advanceTimersByTimeAsync(180_000);
  expect(renewals()).toBe(1);
  fireEvent.keyDown(document.documentElement, { key: "x" });
  await vi.advanceTimersByTimeAsync(60_000);
  expect(renewals()).toBe(2);
  vi.useRealTimers();
});

test("what somebody else has cannot be answered", async () => {
  serve().get("/api/v1/queries/{query_id}", () => exampleQueryDetail(0, { state: "leased", author: "bob", lease_until: SOON }));
  open("?query=query-0");
  expect(await screen.findByText("bob is working on it.")).toBeTruthy();
  expect(screen.getByRole<HTMLButtonElement>("button", { name: /Accept/ }).disabled).toBe(true);
});

test("without a name nothing is leased, and it is asked for", async () => {
  localStorage.clear();
  const server = serve();
  open();
  await screen.findByText("No query is open");
  press("n");
  expect(await screen.findByText("Enter your name first.")).toBeTruthy();
  expect(server.requests.some((request) => request.startsWith("POST"))).toBe(false);
});

test("when others have the rest it is said until when", async () => {
  serve().post("/api/v1/stages/{stage_id}/queries/next", () => nextQuery(null, { leased_to_others: 2, free_at: SOON }));
  open();
  fireEvent.click(await screen.findByRole("button", { name: /Next query/ }));
  expect(await screen.findByText("Other people have the rest")).toBeTruthy();
  expect(screen.getByText(/^2 queries are with other people\. The first is free again at .*2099/)).toBeTruthy();
});

test("when nothing is left that is said, and a round that was closed leads to its run", async () => {
  serve().post("/api/v1/stages/{stage_id}/queries/next", () => nextQuery(null));
  const { unmount } = open();
  fireEvent.click(await screen.findByRole("button", { name: /Next query/ }));
  expect(await screen.findByText("Nothing is left to answer", { selector: "h3" })).toBeTruthy();
  unmount();
  serve().get("/api/v1/stages/{stage_id}", () => stage({ state: "succeeded" }));
  open();
  expect(await screen.findByText("This round is closed")).toBeTruthy();
  expect(screen.getByRole("link", { name: "To its run" }).getAttribute("href")).toMatch(/^\/runs\/run-1/);
});

test("who asks for the next one while one is his is told so", async () => {
  serve().post("/api/v1/stages/{stage_id}/queries/next", () => nextQuery(exampleQueryDetail(1, HELD), { leased_to_you: true }));
  open();
  await screen.findByText("No query is open");
  press("n");
  expect(await screen.findByText("1 · city_1", { selector: "h2" })).toBeTruthy();
  settle();
  press("n");
  expect(await screen.findByText(/^This query is yours already\./)).toBeTruthy();
});
