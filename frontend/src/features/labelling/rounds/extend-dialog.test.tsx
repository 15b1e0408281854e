import { fireEvent, screen, within } from "@testing-library/react";
import { beforeEach, expect, test } from "vitest";

import { exampleRunDetail, exampleStage } from "../../../testing/examples";
import { COUNTS, exampleBatch } from "../../../testing/example-rounds";
import { FakeServer } from "../../../testing/fake-server";
import { renderPage } from "../../../testing/render-page";
import { RoundActions } from "./round-actions";

const STATE = { stage_id: "stage-2", state: "waiting_annotation" as const, by_people: true, closes_by_hand: false, deadline: null, closes_at: null, counts: COUNTS };

beforeEach(() => localStorage.setItem("palimpsest.author", JSON.stringify("ann")));

async function openDialog(): Promise<FakeServer> {
  const server = new FakeServer()
    .get("/api/v1/runs/{run_id}", () => exampleRunDetail({ id: "run-1", state: "waiting", stages: [exampleStage(2)] }))
    .post("/api/v1/stages/{stage_id}/extend", () => STATE);
  renderPage(() => <RoundActions runId="run-1" batch={exampleBatch({ share: 0.5 })} />, "/", "/");
  fireEvent.click(await screen.findByRole("button", { name: "Extend" }));
  return server;
}

function sent(server: FakeServer): unknown {
  return server.bodies[server.requests.indexOf("POST /api/v1/stages/stage-2/extend")];
}

test("a round is given so many hours from now, once its rule was read", async () => {
  const server = await openDialog();
  const dialog = within(await screen.findByRole("dialog"));
  expect(dialog.getByText(/closes by itself when 50\.0 % of the queries are answered/)).toBeTruthy();
  const change = dialog.getByRole<HTMLButtonElement>("button", { name: "Change the deadline" });
  fireEvent.change(dialog.getByLabelText("hours from now"), { target: { value: "0" } });
  expect(change.disabled).toBe(true);
  fireEvent.change(dialog.getByLabelText("hours from now"), { target: { value: "36" } });
  fireEvent.click(change);
  await expect.poll(() => sent(server)).toEqual({ author: "ann", deadline_hours: 36 });
});

test("a deadline is taken away", async () => {
  const server = await openDialog();
  const dialog = within(await screen.findByRole("dialog"));
  fireEvent.click(dialog.getByRole("switch", { name: "no deadline" }));
  fireEvent.click(dialog.getByRole("button", { name: "Change the deadline" }));
  await expect.poll(() => sent(server)).toEqual({ author: "ann", deadline_hours: null });
});
