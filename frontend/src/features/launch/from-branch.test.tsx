import { fireEvent, screen } from "@testing-library/react";
import { beforeEach, expect, test } from "vitest";

import type { ExperimentDetail } from "../../api/types";
import { exampleRunDetail } from "../../testing/examples";
import { FakeProblem } from "../../testing/fake-server";
import { renderPage } from "../../testing/render-page";
import { DOCUMENT, serve, VERDICT } from "./fake-launch-service";
import { LaunchPage } from "./launch-page";

beforeEach(() => sessionStorage.clear());

const EXPERIMENT = { ...VERDICT, id: "e1", name: "parent", tags: ["a"], notes: "", cloned_from: null, revision: 1 } as unknown as ExperimentDetail;

function serveParent() {
  return serve()
    .get("/api/v1/runs/{run_id}", () => exampleRunDetail({ id: "r7", seed: 4, experiment_id: "e1", experiment_name: "parent" }))
    .get("/api/v1/experiments/{experiment_id}", () => EXPERIMENT)
    .post("/api/v1/runs/{run_id}/branch-verdict", () => VERDICT);
}

const launchButton = () => screen.getByText(/^Launch/, { selector: "button *" });

test("a branch begins with the run's document and seed, and is launched as a branch once", async () => {
  const keys: (string | null)[] = [];
  const bodies: unknown[] = [];
  serveParent().post("/api/v1/runs/{run_id}/branch", ({ body, headers }) => {
    keys.push(headers.get("Idempotency-Key"));
    bodies.push(body);
    return keys.length === 1 ? new FakeProblem({ status: 503, title: "Busy" }) : exampleRunDetail({ id: "r8", experiment_id: "e2" });
  });
  const page = renderPage(LaunchPage, "/launch", "/launch?branch=r7&after=0");
  await screen.findByText("Ready to launch");
  expect(screen.getByText("parent, seed 4").getAttribute("href")).toBe("/runs/r7");
  const seeds = screen.getByLabelText<HTMLInputElement>("Seeds");
  expect([seeds.value, seeds.readOnly]).toEqual(["4", true]);
  expect(screen.getByText("1 run of 1 stage each: 1 stage, 400 iterations.")).toBeTruthy();
  fireEvent.click(launchButton());
  await screen.findByText("Busy");
  fireEvent.click(launchButton());
  await expect.poll(() => page.address()).toBe("/runs/r8");
  expect(bodies.at(-1)).toEqual({ document: DOCUMENT, tags: ["a"], notes: "", after_step: 0, name: "parent" });
  expect(new Set(keys).size).toBe(1);
});

test("a setting that differs from the shared steps is named at its field before the launch", async () => {
  const fault = { source: "body" as const, pointer: "/document/config/lr", message: "is 0.5, set it back", code: "differs_from_shared_steps" };
  serveParent().post("/api/v1/runs/{run_id}/branch-verdict", () => new FakeProblem({ status: 422, title: "Refused", errors: [fault] }));
  renderPage(LaunchPage, "/launch", "/launch?branch=r7&after=0");
  expect((await screen.findAllByText(/is 0.5, set it back/)).length).toBeGreaterThan(0);
  expect(screen.getByText("1 problem to fix")).toBeTruthy();
  expect(launchButton().closest("button")?.getAttribute("data-disabled")).toBe("true");
});

test("an address without a step says how to get one", async () => {
  serveParent();
  renderPage(LaunchPage, "/launch", "/launch?branch=r7");
  expect(await screen.findByText("No step to branch after")).toBeTruthy();
});
