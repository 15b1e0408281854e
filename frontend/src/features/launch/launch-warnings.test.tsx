import { fireEvent, screen } from "@testing-library/react";
import { beforeEach, expect, test } from "vitest";

import { renderPage } from "../../testing/render-page";
import { refusal, serve, VERDICT } from "./fake-launch-service";
import { LaunchPage } from "./launch-page";

const WARNING = { source: "body" as const, pointer: "/document/config/lr", message: "a crop is too large", code: "too_large" };

beforeEach(() => sessionStorage.clear());

const open = () => renderPage(LaunchPage, "/launch", "/launch");

test("a warning is listed in the verdict, and its place leads to the field in its closed group", async () => {
  serve().post("/api/v1/experiments", () => ({ ...VERDICT, warnings: [WARNING] }));
  open();
  expect(await screen.findByText("1 warning")).toBeTruthy();
  expect(screen.getByText("Ready to launch")).toBeTruthy();
  fireEvent.click(screen.getByText("/config/lr"));
  await expect.poll(() => document.activeElement).toBe(screen.getByLabelText("lr"));
  expect(screen.getByText("general").closest("button")?.getAttribute("aria-expanded")).toBe("true");
});

test("beside the text a warning leads to the form too", async () => {
  serve().post("/api/v1/experiments", () => ({ ...VERDICT, warnings: [WARNING] }));
  open();
  await screen.findByText("1 warning");
  fireEvent.click(screen.getByText("YAML or JSON"));
  fireEvent.click(screen.getByText("/config/lr"));
  await expect.poll(() => document.activeElement).toBe(screen.getByLabelText("lr"));
});

test("only beside the form a fault is said to stand beside its field", async () => {
  serve().post("/api/v1/experiments", () => refusal({ "/document/config/lr": "too small" }));
  open();
  expect(await screen.findByText(/also shown beside its field/)).toBeTruthy();
  fireEvent.click(screen.getByText("YAML or JSON"));
  expect(screen.queryByText(/beside its field/)).toBeNull();
  fireEvent.click(screen.getByText("/config/lr"));
  await expect.poll(() => document.activeElement).toBe(screen.getByLabelText("lr"));
});

test("a dataset in which a scan found faults is not ready, and leads to its report", async () => {
  const named = { pointer: "/document/dataset", dataset_id: "d1", name: "camvid", state: "faulty" as const, num_faults: 3 };
  const sound = { ...named, pointer: "/document/target", dataset_id: "d2", name: "streets", num_faults: 0, state: "ready" as const };
  serve().post("/api/v1/experiments", () => ({ ...VERDICT, datasets: [named, sound] }));
  open();
  const link = await screen.findByText("see its report");
  expect(link.getAttribute("href")).toBe("/datasets/d1");
  expect(screen.getByText(/The scan of camvid found 3 problems/)).toBeTruthy();
  expect(screen.queryByText("Ready to launch")).toBeNull();
  expect(screen.queryByText(/streets/)).toBeNull();
});
