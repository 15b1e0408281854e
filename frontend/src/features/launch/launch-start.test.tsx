import { fireEvent, screen } from "@testing-library/react";
import { beforeEach, expect, test } from "vitest";

import { exampleRun, exampleRunDetail } from "../../testing/examples";
import { FakeProblem } from "../../testing/fake-server";
import { renderPage } from "../../testing/render-page";
import { serve, VERDICT } from "./fake-launch-service";
import { LaunchPage } from "./launch-page";
import { savedDraft } from "./saved-draft";

beforeEach(() => sessionStorage.clear());

const launchButton = () => screen.getByText(/^Launch/, { selector: "button *" });

test("a double click starts one experiment", async () => {
  const server = serve();
  const page = renderPage(LaunchPage, "/launch", "/launch");
  await screen.findByText("Ready to launch");
  fireEvent.click(launchButton());
  fireEvent.click(launchButton());
  await expect.poll(() => page.address()).toBe("/runs/r1");
  expect(server.requests.filter((request) => request === "POST /api/v1/experiments")).toHaveLength(1);
});

test("a launch that broke off between experiment and runs goes on where it was", async () => {
  const server = serve().post("/api/v1/experiments/{experiment_id}/runs", () => new FakeProblem({ status: 503, title: "Busy" }));
  const page = renderPage(LaunchPage, "/launch", "/launch");
  await screen.findByText("Ready to launch");
  fireEvent.change(screen.getByLabelText("Seeds"), { target: { value: "0 1" } });
  fireEvent.click(launchButton());
  await screen.findByText("Busy");
  server
    .get("/api/v1/runs", () => ({ items: [exampleRun({ id: "r0", seed: 0 })], next_cursor: null, as_of: "" }))
    .post("/api/v1/experiments/{experiment_id}/runs", () => ({ items: [exampleRunDetail({ id: "r1", seed: 1 })] }));
  fireEvent.click(launchButton());
  await expect.poll(() => page.address()).toMatch(/^\/experiments\//);
  expect(server.bodies.at(-1)).toEqual({ seeds: [1] });
  expect(server.requests.filter((request) => request === "POST /api/v1/experiments")).toHaveLength(1);
});

test("what was typed comes back after a reload, as typed, and can be given up", async () => {
  serve();
  const first = renderPage(LaunchPage, "/launch", "/launch");
  await screen.findByText("Ready to launch");
  fireEvent.change(screen.getByLabelText("Name"), { target: { value: "<img src=x onerror=alert(1)>" } });
  first.unmount();
  renderPage(LaunchPage, "/launch", "/launch");
  expect((await screen.findByLabelText<HTMLInputElement>("Name")).value).toBe("<img src=x onerror=alert(1)>");
  fireEvent.click(screen.getByText("Start over"));
  expect(screen.getByLabelText<HTMLInputElement>("Name").value).toBe("Demo");
});

test("runs of the same settings and seed are named, with a link and without a refusal", async () => {
  const twin = { run_id: "r9", experiment_name: "<b>twin</b>", seed: 0, state: "succeeded" as const, created_at: "2026-01-02T03:04:05Z" };
  serve().post("/api/v1/experiments", () => ({ ...VERDICT, duplicates: [twin, { ...twin, run_id: "r8", seed: 8 }] }));
  renderPage(LaunchPage, "/launch", "/launch");
  expect((await screen.findByText("<b>twin</b>")).getAttribute("href")).toBe("/runs/r9");
  expect(screen.queryByText(/Seed 8/)).toBeNull();
  expect(launchButton().closest("button")?.getAttribute("data-disabled")).toBeNull();
});

test("a service that is gone during the launch loses nothing that was typed", async () => {
  serve().post("/api/v1/experiments/{experiment_id}/runs", () => {
    throw new TypeError("Failed to fetch");
  });
  const page = renderPage(LaunchPage, "/launch", "/launch");
  await screen.findByText("Ready to launch");
  fireEvent.change(screen.getByLabelText("Seeds"), { target: { value: "7" } });
  fireEvent.click(launchButton());
  expect(await screen.findByText("The service does not answer")).toBeTruthy();
  expect(page.address()).toBe("/launch");
  expect(screen.getByLabelText<HTMLInputElement>("Seeds").value).toBe("7");
  expect(savedDraft("eir/demo")?.seeds).toBe("7");
});
