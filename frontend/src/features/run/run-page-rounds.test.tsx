import { useQuery } from "@tanstack/react-query";
import { screen, within } from "@testing-library/react";
import { beforeEach, expect, test, vi } from "vitest";

import { roundsQuery } from "../../api/round-queries";
import { exampleStepTable } from "../../testing/example-scores";
import { exampleRunDetail, exampleStage } from "../../testing/examples";
import { say, serveRun, watchStreams } from "../../testing/fake-run";
import { exampleRounds } from "../../testing/example-rounds";
import { renderPage } from "../../testing/render-page";
import { RunPage } from "./run-page";

vi.mock("../../components/line-chart", () => ({ LineChart: ({ label }: { label: string }) => <div role="img" aria-label={label} /> }));

beforeEach(watchStreams);

const STAGES = ["train-0", "select-0", "label-0", "train-1"].map((name, index) =>
  exampleStage(index, {
    name,
    kind: name.slice(0, -2),
    step: Number(name.slice(-1)),
    noun: "round",
    state: index < 2 ? "succeeded" : "pending",
  }),
);

function Rounds({ runId }: { runId: string }) {
  const counts = useQuery(roundsQuery(runId)).data?.rounds[0]?.batch?.counts;
  return <p>{counts === undefined ? "" : `${counts.accepted} of the queries answered, ${counts.withdrawn} taken back`}</p>;
}

function Page() {
  return <RunPage roundsOf={(runId) => <Rounds runId={runId} />} />;
}

test("a run that asks for labels shows its rounds, and nothing about forgetting", async () => {
  const table = exampleStepTable();
  const ofAll = { ...table, means: table.means.filter(({ group }) => group === "all"), matrices: [] };
  serveRun(exampleRunDetail({ id: "run-1", state: "waiting", stages: STAGES }))
    .get("/api/v1/runs/{run_id}/rounds", () => exampleRounds())
    .get("/api/v1/runs/{run_id}/step-table", () => ofAll);
  renderPage(Page, "/runs/:runId", "/runs/run-1");
  expect(await screen.findByText("1 of the queries answered, 0 taken back")).toBeTruthy();
  const shown = within(await screen.findByLabelText("IoU by class and round"));
  expect(shown.getAllByRole("columnheader").map((cell) => cell.textContent)).toEqual(["class", "round 0", "round 1"]);
  expect(shown.queryByText("mean forgetting")).toBeNull();
  expect(within(screen.getByLabelText("stages")).getByText("3 · train, round 1")).toBeTruthy();
  expect(screen.queryByText("Keeping and forgetting")).toBeNull();
  expect(screen.queryByRole("link", { name: /Memory/ })).toBeNull();
});

test("an answer that somebody gives elsewhere is seen at once", async () => {
  let accepted = 1;
  const run = exampleRunDetail({ id: "run-1", state: "waiting", stages: STAGES });
  serveRun(run).get("/api/v1/runs/{run_id}/rounds", () => {
    const counts = { open: 1, leased: 0, submitted: 0, in_review: 0, accepted, rejected: 0, skipped: 0, withdrawn: 0 };
    return exampleRounds({ counts });
  });
  renderPage(Page, "/runs/:runId", "/runs/run-1");
  await screen.findByText("1 of the queries answered, 0 taken back");
  accepted = 2;
  say("query", 11, { stage_id: "stage-2", index: 2, query_id: "query-0", state: "accepted" });
  expect(await screen.findByText("2 of the queries answered, 0 taken back")).toBeTruthy();
});

test("a run that is cancelled elsewhere and resumed shows its rounds as they are then", async () => {
  let withdrawn = 0;
  const run = exampleRunDetail({ id: "run-1", state: "waiting", stages: STAGES });
  serveRun(run).get("/api/v1/runs/{run_id}/rounds", () => {
    const counts = { open: 1, leased: 0, submitted: 0, in_review: 0, accepted: 1, rejected: 0, skipped: 0, withdrawn };
    return exampleRounds({ counts });
  });
  renderPage(Page, "/runs/:runId", "/runs/run-1");
  await screen.findByText("1 of the queries answered, 0 taken back");
  withdrawn = 3;
  say("state", 11, { from: "waiting", to: "cancelled", reason: "cancelled", message: "" });
  expect(await screen.findByText("1 of the queries answered, 3 taken back")).toBeTruthy();
});

test("a run of steps has no rounds", async () => {
  serveRun(exampleRunDetail({ id: "run-1", state: "succeeded" }));
  renderPage(Page, "/runs/:runId", "/runs/run-1");
  expect(await screen.findByText("Keeping and forgetting")).toBeTruthy();
  expect(screen.queryByText(/of the queries answered/)).toBeNull();
});
