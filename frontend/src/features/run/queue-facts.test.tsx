import { useQuery } from "@tanstack/react-query";
import { fireEvent, screen, waitFor } from "@testing-library/react";
import { expect, test, vi } from "vitest";

import { runQuery } from "../../api/queries";
import { tellFailure } from "../../components/tell-failure";
import { exampleRunDetail } from "../../testing/examples";
import { serveRun } from "../../testing/fake-run";
import { FakeProblem } from "../../testing/fake-server";
import { renderPage } from "../../testing/render-page";
import { QueueFacts, TimeFacts } from "./queue-facts";

vi.mock("../../components/tell-failure");

const QUEUED = exampleRunDetail({
  id: "run-1",
  state: "queued",
  revision: 4,
  queue: { position: 3, length: 5, seconds: 720 },
  times: { waited: 1080, computed: 284, labelling: 0 },
});

function Facts() {
  const { data } = useQuery(runQuery("run-1"));
  return data === undefined ? null : (
    <>
      <TimeFacts run={data} />
      <QueueFacts run={data} />
    </>
  );
}

test("a waiting run tells its place, its wait, and what its time went into", async () => {
  serveRun(QUEUED);
  renderPage(Facts, "/runs/:runId", "/runs/run-1");
  expect(await screen.findByText("3rd of 5, starts in about 12 min")).toBeTruthy();
  expect(screen.getByText("18 min")).toBeTruthy();
  expect(screen.getByText("4 min 44 s")).toBeTruthy();
  expect(screen.queryByText("with people")).toBeNull();
});

test("a priority is sent with the revision that was seen, and the new place is shown", async () => {
  const seen: unknown[] = [];
  serveRun(QUEUED).patch("/api/v1/runs/{run_id}", ({ body, headers }) => {
    seen.push(body, headers.get("if-match"));
    return { ...QUEUED, priority: 10, queue: { position: 1, length: 5, seconds: 0 } };
  });
  renderPage(Facts, "/runs/:runId", "/runs/run-1");
  fireEvent.change(await screen.findByLabelText("priority"), { target: { value: "10" } });
  expect(await screen.findByText("1st of 5, starts at once")).toBeTruthy();
  expect(seen).toEqual([{ priority: 10 }, '"4"']);
});

test("a refused priority says so", async () => {
  serveRun(QUEUED).patch("/api/v1/runs/{run_id}", () => new FakeProblem({ status: 412, title: "changed meanwhile" }));
  renderPage(Facts, "/runs/:runId", "/runs/run-1");
  fireEvent.change(await screen.findByLabelText("priority"), { target: { value: "-10" } });
  await waitFor(() => expect(tellFailure).toHaveBeenCalledWith("The priority was not changed", expect.stringContaining("there is none")));
});
