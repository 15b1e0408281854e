import { fireEvent, screen } from "@testing-library/react";
import { expect, test, vi } from "vitest";

import { FakeProblem, FakeServer } from "../testing/fake-server";
import { renderPage } from "../testing/render-page";
import { ServiceSilent } from "./service-silent";

const AWAY = new FakeProblem({ status: 503, title: "away" });

test("a page that could not be fetched says that the service is silent, and comes by itself when it answers", async () => {
  let isAway = true;
  new FakeServer().get("/healthz", () => (isAway ? AWAY : ({ status: "ok" })));
  const onBack = vi.fn();
  renderPage(() => <ServiceSilent onBack={onBack} onRetry={vi.fn()} askMs={20} />, "/", "/");
  expect(await screen.findByText("The service does not answer")).toBeTruthy();
  await new Promise((done) => setTimeout(done, 60));
  expect(onBack).not.toHaveBeenCalled();
  isAway = false;
  await expect.poll(() => onBack.mock.calls.length).toBe(1);
});

test("a click asks at once", async () => {
  let isAway = true;
  const server = new FakeServer().get("/healthz", () => (isAway ? AWAY : ({ status: "ok" })));
  const onBack = vi.fn();
  renderPage(() => <ServiceSilent onBack={onBack} onRetry={vi.fn()} />, "/", "/");
  await expect.poll(() => server.requests.length).toBe(1);
  isAway = false;
  fireEvent.click(screen.getByText("Try again"));
  await expect.poll(() => onBack.mock.calls.length).toBe(1);
});

test("where the service answers and the page still does not come, it can be loaded by hand", async () => {
  new FakeServer().get("/healthz", () => ({ status: "ok" }));
  const onRetry = vi.fn();
  renderPage(() => <ServiceSilent onBack={vi.fn()} onRetry={onRetry} />, "/", "/");
  expect(await screen.findByText("This page could not be loaded")).toBeTruthy();
  fireEvent.click(screen.getByText("Try again"));
  expect(onRetry).toHaveBeenCalledOnce();
});
