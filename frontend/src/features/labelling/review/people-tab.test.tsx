import { fireEvent, screen, within } from "@testing-library/react";
import { expect, test } from "vitest";

import type { AgreementReport, HandOut, QueryDetail } from "../../../api/types";
import { COUNTS, ANSWERABLE, exampleQuery, exampleQueryDetail } from "../../../testing/example-rounds";
import { asAnn, open, sent, serve } from "../answering/fake-round";

asAnn();

const WORK = { assigned: 0, leased: 1, answered: 2, skipped: 0, clicks: 30, seconds: 90 };
const HAND_OUT: HandOut = {
  stage_id: "stage-2",
  overlap: 2,
  ties: "review",
  assignment: "pull",
  annotators: [],
  instructions: "",
  class_instructions: {},
  people: [{ author: "ann", ...WORK }],
};
const AGREEMENT: AgreementReport = {
  queries: 3,
  pixel_agreement: 0.912,
  mean_iou: 0.8,
  fleiss_kappa: 0.75,
  classes: [
    { id: 0, name: "road", iou: 0.95 },
    { id: 1, name: "sign", iou: 0.4 },
    { id: 2, name: "bus", iou: null },
  ],
  pairs: [{ first: "ann", second: "bob", queries: 3, pixels: 600, pixel_agreement: 0.912, mean_iou: 0.8, cohen_kappa: 0.71 }],
};

test("who did what, and how far they agree; the most disputed class comes first", async () => {
  serve()
    .get("/api/v1/stages/{stage_id}/hand-out", () => HAND_OUT)
    .get("/api/v1/stages/{stage_id}/agreement", () => AGREEMENT);
  open("?tab=people");
  const people = within(await screen.findByRole("table", { name: "people of the round" }));
  expect(people.getAllByRole("cell").map((cell) => cell.textContent)).toEqual(["2", "1", "0", "0", "30", "1 min 30 s", "45 s"]);
  expect(screen.getByText("up to 2 independent answers a query, by anybody; ties go to a researcher")).toBeTruthy();
  expect(await screen.findByText(/^Over 3 queries: 91\.2 % of the pixels/)).toBeTruthy();
  const classes = within(screen.getByRole("table", { name: "agreement by class" }));
  expect(classes.getAllByRole("rowheader").map((name) => name.textContent)).toEqual(["sign", "road"]);
  expect(screen.getByRole("row", { name: /^ann and bob/ }).textContent).toBe("ann and bob391.2 %80.0 %0.71");
});

function reviewed(changes: Partial<QueryDetail>) {
  const counts = { ...COUNTS, in_review: 1 };
  return serve()
    .get("/api/v1/stages/{stage_id}/queries", () => ({ items: [exampleQuery(0, { state: "in_review" })], next_cursor: null, ...ANSWERABLE, counts }))
    .get("/api/v1/queries/{query_id}", () => exampleQueryDetail(0, { state: "in_review", ...changes }))
    .post("/api/v1/queries/{query_id}/accept", () => exampleQueryDetail(0, { state: "accepted" }))
    .post("/api/v1/queries/{query_id}/skip", () => exampleQueryDetail(0, { state: "skipped" }));
}

test("a researcher accepts the label of tied answers", async () => {
  const server = reviewed({ version: 3, answers_wanted: 2, answers: 2 });
  open();
  fireEvent.click(await screen.findByText("to decide (1)"));
  const list = within(await screen.findByRole("list", { name: "queries to be decided" }));
  fireEvent.click(list.getByRole("button"));
  expect(await screen.findByText(/^Its independent answers are tied in places/)).toBeTruthy();
  expect(screen.getByText("where answers differ")).toBeTruthy();
  fireEvent.click(screen.getByRole("button", { name: "Accept the answer below" }));
  await expect.poll(() => sent(server, "POST /api/v1/queries/query-0/accept")).toEqual({ author: "ann" });
});

test("a researcher leaves what two people skipped, and says why", async () => {
  const server = reviewed({ version: 0 });
  open("?query=query-0");
  fireEvent.click(await screen.findByRole("button", { name: /^Leave it unanswered/ }));
  const dialog = within(await screen.findByRole("dialog"));
  fireEvent.click(dialog.getByLabelText(/^not my expertise/));
  fireEvent.click(dialog.getByRole("button", { name: "Skip it" }));
  await expect
    .poll(() => sent(server, "POST /api/v1/queries/query-0/skip"))
    .toEqual({ author: "ann", reason: "not my expertise", review: true });
});
