import { screen } from "@testing-library/react";
import { expect, test } from "vitest";

import { exampleWaitingRound } from "../testing/example-rounds";
import { FakeServer } from "../testing/fake-server";
import { renderPage } from "../testing/render-page";
import { WaitingCount } from "./waiting-count";

test("the rounds that wait are counted", async () => {
  const items = [exampleWaitingRound({ stage_id: "stage-2" }), exampleWaitingRound({ stage_id: "stage-5" })];
  new FakeServer().get("/api/v1/label-stages", () => ({ items, next_cursor: null }));
  renderPage(WaitingCount, "/", "/");
  expect((await screen.findByLabelText("2 rounds wait for labels")).textContent).toBe("2");
});

test("of more than a page the count is a least one", async () => {
  new FakeServer().get("/api/v1/label-stages", () => ({ items: [exampleWaitingRound()], next_cursor: "more" }));
  renderPage(WaitingCount, "/", "/");
  expect((await screen.findByLabelText("at least 1 round waits for labels")).textContent).toBe("1+");
});

test("where no round waits there is no count", async () => {
  const server = new FakeServer().get("/api/v1/label-stages", () => ({ items: [], next_cursor: null }));
  renderPage(WaitingCount, "/", "/");
  await expect.poll(() => server.requests.length).toBe(1);
  expect(screen.queryByRole("img")).toBeNull();
});
