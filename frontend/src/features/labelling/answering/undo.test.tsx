import { fireEvent, screen, within } from "@testing-library/react";
import { expect, test, vi } from "vitest";

import { ANSWERABLE, COUNTS, exampleQuery, exampleQueryDetail } from "../../../testing/example-rounds";
import { asAnn, HELD, nextQuery, open, press, sent, serve, settle, submission } from "./fake-round";

vi.mock("../../../lib/index-map", () => ({ readIndexMap: () => Promise.resolve({ width: 2, height: 1, ids: Uint8Array.from([0, 7]) }) }));

asAnn();

test("an answer is taken back before the complete round closes", async () => {
  const soon = new Date(Date.now() + 30_000).toISOString();
  let isComplete = false;
  const server = serve()
    .get("/api/v1/stages/{stage_id}/queries", () => ({
      items: [],
      next_cursor: null,
      counts: COUNTS,
      ...ANSWERABLE,
      closes_at: isComplete ? soon : null,
    }))
    .post("/api/v1/stages/{stage_id}/queries/next", () => nextQuery(null))
    .post("/api/v1/queries/{query_id}/draft/submit", () => {
      isComplete = true;
      return { ...submission(), closes_at: soon };
    })
    .post("/api/v1/queries/{query_id}/revise", () => {
      isComplete = false;
      return exampleQueryDetail(0, { ...HELD, version: 1 });
    });
  const page = open("?query=query-0");
  await screen.findByText("0 · city_0", { selector: "h2" });
  settle();
  press("a");
  expect(await screen.findByText("The round is complete")).toBeTruthy();
  expect(screen.getByText(/^Its answers are frozen in 0:(2\d|30), and/)).toBeTruthy();
  fireEvent.click(screen.getByRole("button", { name: "Undo the last answer" }));
  expect(await screen.findByText("0 · city_0", { selector: "h2" })).toBeTruthy();
  await expect.poll(() => screen.queryByText("The round is complete")).toBeNull();
  expect(sent(server, "POST /api/v1/queries/query-0/revise")).toEqual({ author: "ann" });
  expect(page.address()).toBe("/labelling/stage-2?query=query-0");
});

test("answers are listed, to be revised or sent back with a note", async () => {
  const answered = exampleQuery(1, { state: "accepted", author: "bob", version: 2 });
  const server = serve()
    .get("/api/v1/stages/{stage_id}/queries", ({ url }) => ({
      items: url.searchParams.get("state") === "accepted" ? [answered] : [],
      next_cursor: null,
      counts: COUNTS,
      ...ANSWERABLE,
    }))
    .post("/api/v1/queries/{query_id}/revise", () => exampleQueryDetail(1, HELD))
    .post("/api/v1/queries/{query_id}/reject", () => exampleQueryDetail(1));
  open("?list=answered");
  const list = within(await screen.findByLabelText("answered queries"));
  expect(await list.findByText("by bob, version 2")).toBeTruthy();
  fireEvent.click(list.getByRole("button", { name: "send the answer to city_1 back" }));
  const dialog = within(await screen.findByRole("dialog"));
  fireEvent.change(dialog.getByLabelText(/What is wrong/), { target: { value: " too coarse " } });
  fireEvent.click(dialog.getByRole("button", { name: "Send back" }));
  await expect.poll(() => sent(server, "POST /api/v1/queries/query-1/reject")).toEqual({ author: "ann", note: "too coarse" });
  fireEvent.click(screen.getByRole("button", { name: "revise the answer to city_1" }));
  await expect.poll(() => sent(server, "POST /api/v1/queries/query-1/revise")).toEqual({ author: "ann" });
});
