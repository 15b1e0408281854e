import { fireEvent, screen } from "@testing-library/react";
import { beforeEach, expect, test } from "vitest";

import { renderPage } from "../../testing/render-page";
import { DOCUMENT, serve, serveTwoMethods } from "./fake-launch-service";
import { LaunchPage } from "./launch-page";

beforeEach(() => sessionStorage.clear());

const openConfig = () => fireEvent.click(screen.getByText("general"));
const launchButton = () => screen.getByText(/^Launch/, { selector: "button *" });

test("a preset becomes a form with its plan, classes and deviations", async () => {
  serve();
  renderPage(LaunchPage, "/launch", "/launch");
  expect(await screen.findByText("Ready to launch")).toBeTruthy();
  openConfig();
  expect(screen.getByLabelText<HTMLInputElement>("lr").value).toBe("0.01");
  expect(screen.getByText("50")).toBeTruthy();
  expect(screen.getAllByText("crate")).toHaveLength(2);
});

test("a fault of the check stands beside its field; Launch leads to it and starts nothing", async () => {
  const server = serve();
  renderPage(LaunchPage, "/launch", "/launch");
  await screen.findByText("Ready to launch");
  openConfig();
  fireEvent.change(screen.getByLabelText("lr"), { target: { value: "-1" } });
  expect(await screen.findByText("1 problem to fix")).toBeTruthy();
  expect(screen.getByLabelText("lr").getAttribute("aria-invalid")).toBe("true");
  fireEvent.click(launchButton());
  expect(document.activeElement).toBe(screen.getByLabelText("lr"));
  expect(server.requests.filter((request) => request === "POST /api/v1/experiments")).toEqual([]);
});

test("an own value is told from the preset's, in its field and its group, and can be taken back", async () => {
  serve();
  renderPage(LaunchPage, "/launch", "/launch");
  await screen.findByText("Ready to launch");
  openConfig();
  expect(screen.queryByText(/^changed/)).toBeNull();
  fireEvent.change(screen.getByLabelText("lr"), { target: { value: "0.5" } });
  expect(screen.getByText(/^changed; preset:/).textContent).toContain("changed; preset: 0.01");
  expect(screen.getByText("1 changed")).toBeTruthy();
  fireEvent.click(screen.getByLabelText("Reset lr to 0.01"));
  expect(screen.getByLabelText<HTMLInputElement>("lr").value).toBe("0.01");
  expect(screen.queryByText(/^changed/)).toBeNull();
  expect(screen.queryByText("1 changed")).toBeNull();
});

test("form and text show the same document", async () => {
  serve();
  renderPage(LaunchPage, "/launch", "/launch");
  await screen.findByText("Ready to launch");
  openConfig();
  fireEvent.change(screen.getByLabelText("lr"), { target: { value: "5e-3" } });
  fireEvent.click(screen.getByText("YAML or JSON"));
  const text = screen.getByLabelText<HTMLTextAreaElement>("Experiment document");
  expect(text.value).toContain("lr: 0.005");
  fireEvent.change(text, { target: { value: text.value.replace("lr: 0.005", "lr: 0.25") } });
  fireEvent.click(screen.getByText("Form"));
  expect(screen.getByLabelText<HTMLInputElement>("lr").value).toBe("0.25");
});

test("while a field cannot be read the verdict says that this is why nothing is launched", async () => {
  const server = serve();
  renderPage(LaunchPage, "/launch", "/launch");
  await screen.findByText("Ready to launch");
  openConfig();
  fireEvent.change(screen.getByLabelText("lr"), { target: { value: "" } });
  expect(await screen.findByText("Not ready to launch: 1 field cannot be read")).toBeTruthy();
  expect(screen.queryByText("Ready to launch")).toBeNull();
  fireEvent.click(launchButton());
  expect(document.activeElement).toBe(screen.getByLabelText("lr"));
  expect(server.requests.filter((request) => request === "POST /api/v1/experiments")).toEqual([]);
  fireEvent.change(screen.getByLabelText("lr"), { target: { value: "0.5" } });
  expect(await screen.findByText("Ready to launch")).toBeTruthy();
});

test("what a field held and could not be read is given up with the form, and the launch goes on", async () => {
  serve();
  const page = renderPage(LaunchPage, "/launch", "/launch");
  await screen.findByText("Ready to launch");
  openConfig();
  fireEvent.change(screen.getByLabelText("lr"), { target: { value: "4, 4" } });
  fireEvent.click(screen.getByText("YAML or JSON"));
  const text = screen.getByLabelText<HTMLTextAreaElement>("Experiment document");
  fireEvent.change(text, { target: { value: text.value.replace("lr: 0.01", "lr: [") } });
  expect(screen.getByText("Not ready to launch: the text cannot be read")).toBeTruthy();
  fireEvent.change(text, { target: { value: text.value.replace("lr: [", "lr: 0.25") } });
  await screen.findByText("Ready to launch");
  fireEvent.click(screen.getByText("Form"));
  expect(screen.getByLabelText<HTMLInputElement>("lr").value).toBe("0.25");
  fireEvent.click(launchButton());
  await expect.poll(() => page.address()).toBe("/runs/r1");
});

test("a value that is set from elsewhere takes the place of what could not be read", async () => {
  serve();
  const before = renderPage(LaunchPage, "/launch", "/launch");
  await screen.findByText("Ready to launch");
  openConfig();
  fireEvent.change(screen.getByLabelText("lr"), { target: { value: "0.5" } });
  before.unmount();
  renderPage(LaunchPage, "/launch", "/launch");
  await screen.findByText("Start over");
  fireEvent.click(await screen.findByText("general"));
  fireEvent.change(screen.getByLabelText("lr"), { target: { value: "0.5x" } });
  expect(await screen.findByText("Not ready to launch: 1 field cannot be read")).toBeTruthy();
  fireEvent.click(screen.getByText("Start over"));
  expect(screen.getByLabelText<HTMLInputElement>("lr").value).toBe("0.01");
  await expect.poll(() => screen.queryByText("Not ready to launch: 1 field cannot be read")).toBeNull();
});

test("a preset of another method that is typed into the text brings its form, description and publication", async () => {
  const other = { method: "dkd", preset: "dkd/small", dataset: DOCUMENT.dataset, stream: DOCUMENT.stream };
  const config = { type: "object", properties: { temperature: { type: "number", default: 2 } } };
  serveTwoMethods(other, { type: "object", properties: { config } });
  renderPage(LaunchPage, "/launch", "/launch");
  await screen.findByText("Ready to launch");
  fireEvent.click(screen.getByText("YAML or JSON"));
  fireEvent.change(screen.getByLabelText("Experiment document"), { target: { value: "method: dkd\npreset: dkd/small\n" } });
  expect(await screen.findByText("Of the other method.")).toBeTruthy();
  expect(screen.getByText("Distillation. ECCV")).toBeTruthy();
  fireEvent.click(screen.getByText("Form"));
  openConfig();
  expect(await screen.findByLabelText("temperature")).toBeTruthy();
  expect(screen.queryByLabelText("lr")).toBeNull();
  fireEvent.click(screen.getByLabelText("Begin with", { selector: "input" }));
  fireEvent.click(await screen.findByText("eir/demo", { selector: "[role=option] *" }));
  openConfig();
  expect(await screen.findByLabelText("lr")).toBeTruthy();
});

test("launching stores the experiment and starts one run for each seed", async () => {
  const server = serve();
  const page = renderPage(LaunchPage, "/launch", "/launch");
  await screen.findByText("Ready to launch");
  fireEvent.change(screen.getByLabelText("Seeds"), { target: { value: "3" } });
  fireEvent.click(launchButton());
  await expect.poll(() => page.address()).toBe("/runs/r1");
  expect(server.bodies.at(-1)).toEqual({ seeds: [3] });
});

test("seeds that cannot be read keep the run from being launched and say why", async () => {
  const server = serve();
  renderPage(LaunchPage, "/launch", "/launch");
  await screen.findByText("Ready to launch");
  fireEvent.change(screen.getByLabelText("Seeds"), { target: { value: "1, 1" } });
  expect(screen.getByText(/seed 1 is there twice/)).toBeTruthy();
  fireEvent.click(launchButton());
  expect(document.activeElement).toBe(screen.getByLabelText("Seeds"));
  expect(server.requests).not.toContain("POST /api/v1/experiments");
});

test("several seeds tell their work before they start", async () => {
  serve();
  renderPage(LaunchPage, "/launch", "/launch");
  await screen.findByText("Ready to launch");
  fireEvent.change(screen.getByLabelText("Seeds"), { target: { value: "0-4" } });
  expect(screen.getByText("5 runs of 2 stages each: 10 stages, 4,000 iterations.")).toBeTruthy();
});
