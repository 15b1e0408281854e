import { fireEvent, screen, within } from "@testing-library/react";
import { expect, test } from "vitest";

import type { ExchangeTask, ImportReport } from "../../../api/types";
import { COUNTS } from "../../../testing/example-rounds";
import { asAnn, open, serve } from "../answering/fake-round";

asAnn();

function task(changes: Partial<ExchangeTask>): ExchangeTask {
  return {
    id: "task-1",
    stage_id: "stage-2",
    kind: "export",
    author: "ann",
    state: "running",
    done: 0,
    total: 0,
    created_at: "2026-01-02T12:00:00.000Z",
    finished_at: null,
    export: null,
    report: null,
    problem: null,
    ...changes,
  };
}

const REPORT: ImportReport = {
  format: "coco",
  dry_run: true,
  counts: { would_accept: 2, accepted: 0, refused: 1, unknown: 0 },
  class_pixels: [{ id: 0, name: "road", pixels: 1234 }],
  losses: { pieces: 1, empty: 0, clipped: 3, overlapping: 0 },
  files: [{ file: "a.json: city_9.jpg", query_id: null, image: null, status: "refused", code: "size_mismatch", message: "a.json: city_9.jpg: is 1x1", class_pixels: {} }],
  unlisted: [{ code: "unknown_id", files: 7 }],
  queries: COUNTS,
  closes_at: null,
  is_round_closed: false,
};

test("an export tells how far it is, and why it failed", async () => {
  serve().get("/api/v1/stages/{stage_id}/exchange-tasks", () => ({
    items: [
      task({ done: 3, total: 12 }),
      task({ id: "task-0", state: "failed", problem: { slug: "round-empty", detail: "no query is answered", errors: [] } }),
    ],
  }));
  open("?tab=exchange");
  expect((await screen.findByRole("progressbar", { name: "progress of the export" })).getAttribute("aria-valuenow")).toBe("25");
  expect(screen.getByText("3 of 12 answers")).toBeTruthy();
  expect(within(screen.getByRole("alert")).getByText("no query is answered")).toBeTruthy();
});

test("an archive is checked first; what was found holds for its terms alone", async () => {
  let isBegun = false;
  const checked = task({ kind: "import", state: "succeeded", report: REPORT });
  const server = serve()
    .get("/api/v1/stages/{stage_id}/exchange-tasks", () => ({ items: isBegun ? [checked] : [] }))
    .post("/api/v1/stages/{stage_id}/import-tasks", () => {
      isBegun = true;
      return task({ kind: "import" });
    });
  open("?tab=exchange");
  fireEvent.click(await screen.findByRole("button", { name: "Import…" }));
  const dialog = within(await screen.findByRole("dialog"));
  const input = document.querySelector("input[type=file]") ?? document.body;
  fireEvent.change(input, { target: { files: [new File(["zip"], "labels.zip", { type: "application/zip" })] } });
  fireEvent.click(dialog.getByLabelText("COCO"));
  fireEvent.click(dialog.getByRole("button", { name: "Check what it holds" }));
  expect(await dialog.findByRole("button", { name: "Import 2 answers" })).toBeTruthy();
  const report = dialog.getByRole("region", { name: "what became of the archive" });
  expect(report.textContent).toContain("2 files can be taken, 1 refused");
  expect(report.textContent).toContain("1 piece of fewer than three vertices left out");
  expect(report.textContent).toContain("3 annotations cut at the border of the image");
  expect(report.textContent).toContain("refusedis 1x1");
  expect(report.textContent).toContain("7 more files for the reason unknown id");

  fireEvent.click(dialog.getByLabelText(/^pixels without a class are meant/));
  fireEvent.click(dialog.getByRole("button", { name: "Check what it holds" }));
  fireEvent.click(await dialog.findByRole("button", { name: "Import 2 answers" }));
  const queries = () => server.requests.filter((request) => request.includes("/import-tasks")).map((request) => request.split("?")[1]);
  const terms = (isUnsure: boolean, isDry: boolean) =>
    `format=coco&overlap=refuse&allow_unsure=${isUnsure}&replace_others=false&author=ann&dry_run=${isDry}`;
  await expect.poll(queries).toEqual([terms(false, true), terms(true, true), terms(true, false)]);
});
