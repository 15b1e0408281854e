import { screen, within } from "@testing-library/react";
import { expect, test } from "vitest";

import { exampleWaitingRound } from "../../../testing/example-rounds";
import { FakeProblem, FakeServer } from "../../../testing/fake-server";
import { renderPage } from "../../../testing/render-page";
import { QueuePage } from "./queue-page";

function open() {
  return renderPage(QueuePage, "/labelling", "/labelling");
}

test("each round that waits has its run, progress, budget and pace, and leads to its page", async () => {
  const name = "<b>two cities</b>";
  new FakeServer().get("/api/v1/label-stages", () => ({ items: [exampleWaitingRound({ experiment_name: name })], next_cursor: null }));
  open();
  const row = within(await screen.findByLabelText("rounds that wait for labels")).getAllByRole("row")[1];
  const cells = [...(row?.children ?? [])].map((cell) => cell.textContent);
  expect(cells.slice(0, 5)).toEqual([`${name}method stal, images chosen by stal`, "0", "2 open, 1 answered", "3 images", "12"]);
  expect(screen.getByRole("progressbar").getAttribute("aria-valuenow")).toBe("33");
  expect(screen.getByRole("link", { name: `label round 0 of ${name}` }).getAttribute("href")).toBe("/labelling/stage-2");
});

test("an empty queue explains how a round comes to wait", async () => {
  new FakeServer().get("/api/v1/label-stages", () => ({ items: [], next_cursor: null }));
  open();
  expect(await screen.findByText("No round waits for labels")).toBeTruthy();
  expect(screen.getByText(/choose “people” as the oracle/)).toBeTruthy();
});

test("a queue that cannot be read shows the problem", async () => {
  new FakeServer().get("/api/v1/label-stages", () => new FakeProblem({ status: 500, title: "The service has a fault" }));
  open();
  expect(await screen.findByText("The service has a fault")).toBeTruthy();
});
