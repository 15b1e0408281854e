import { fireEvent, screen } from "@testing-library/react";
import { beforeEach, expect, test } from "vitest";

import { renderPage } from "../../testing/render-page";
import { DOCUMENT, exampleExperiment, PREVIEW, refusal, serve, VERDICT } from "./fake-launch-service";
import { LaunchPage } from "./launch-page";

beforeEach(() => sessionStorage.clear());

const launchButton = () => screen.getByText(/^Launch/, { selector: "button *" });
const open = () => renderPage(LaunchPage, "/launch", "/launch");

test("several faults stand each in its place, an unknown key in its section, where it can be removed", async () => {
  const server = serve().post("/api/v1/experiments", () =>
    refusal({ "/document/config/lr2": "unknown key 'lr2'; did you mean 'lr'?", "/document/confg": "unknown key 'confg'" }, "extra_forbidden"),
  );
  open();
  await screen.findByText("2 problems to fix");
  expect(screen.getAllByText("unknown key 'lr2'; did you mean 'lr'?").length).toBeGreaterThan(0);
  server.post("/api/v1/experiments", () => VERDICT);
  fireEvent.click(screen.getByText("Remove confg"));
  expect(screen.getByText("Remove lr2")).toBeTruthy();
});

test("text that cannot be read names its line, and the form keeps the last good state and waits", async () => {
  serve();
  open();
  await screen.findByText("Ready to launch");
  fireEvent.click(screen.getByText("YAML or JSON"));
  fireEvent.change(screen.getByLabelText("Experiment document"), { target: { value: "method: eir\nconfig: [1" } });
  expect(screen.getByText(/^line 2:/)).toBeTruthy();
  fireEvent.click(screen.getByText("Form"));
  expect(screen.getByText("The text cannot be read")).toBeTruthy();
  expect(screen.getByLabelText<HTMLFieldSetElement>("settings").disabled).toBe(true);
  fireEvent.click(screen.getByText("Discard the text"));
  expect(screen.getByLabelText<HTMLFieldSetElement>("settings").disabled).toBe(false);
});

test("a folder that the service cannot use leads to those of its layout", async () => {
  const document = { ...DOCUMENT, dataset: { adapter: "voc", root: "data/voc" } };
  const server = serve().get("/api/v1/experiments/{experiment_id}", () => exampleExperiment(document));
  server.post("/api/v1/experiments", () => refusal({ "/document/dataset/root": "'data/voc' is not an absolute path" }));
  renderPage(LaunchPage, "/launch", "/launch?clone=e1");
  await screen.findByText("Choose where the images are");
  fireEvent.click(screen.getByLabelText("Dataset", { selector: "input" }));
  expect(await screen.findByText("/data/voc")).toBeTruthy();
  expect(screen.queryByText("/data/camvid")).toBeNull();
  server.post("/api/v1/experiments", () => VERDICT);
  fireEvent.click(screen.getByText("/data/voc"));
  await screen.findByText("Ready to launch");
  expect(screen.getByLabelText<HTMLInputElement>("root").value).toBe("/data/voc");
});

test("a folder that vanished between choice and launch is refused beside its field", async () => {
  serve().post("/api/v1/experiments", ({ url }) =>
    url.searchParams.has("dry_run") ? VERDICT : refusal({ "/document/dataset/classes": "'/data/voc' does not exist" }),
  );
  open();
  await screen.findByText("Ready to launch");
  fireEvent.click(launchButton());
  await expect.poll(() => screen.getByLabelText("classes").getAttribute("aria-invalid")).toBe("true");
  expect(document.activeElement).toBe(screen.getByLabelText("classes"));
});

test("a service that is gone during the check is named, and the form stays", async () => {
  serve().post("/api/v1/experiments", () => {
    throw new TypeError("Failed to fetch");
  });
  open();
  expect(await screen.findByText("The service does not answer")).toBeTruthy();
  expect(screen.getByLabelText<HTMLInputElement>("classes").value).toBe("6");
});

test("a clone of a method that is there no more says so and leads on", async () => {
  serve().get("/api/v1/experiments/{experiment_id}", () => ({ ...exampleExperiment(DOCUMENT), method: "old" }));
  renderPage(LaunchPage, "/launch", "/launch?clone=e1");
  expect(await screen.findByText("There is no method old")).toBeTruthy();
  expect(screen.getByText("Begin with something else").getAttribute("href")).toBe("/launch");
});

test("a clone whose preset is gone begins with everything written out", async () => {
  const document = { ...DOCUMENT, preset: "eir/gone" };
  serve().get("/api/v1/experiments/{experiment_id}", () => exampleExperiment(document));
  renderPage(LaunchPage, "/launch", "/launch?clone=e1");
  expect(await screen.findByText(/Its preset eir\/gone is there no more/)).toBeTruthy();
});

test("classes move with the keyboard, and the focus follows", async () => {
  serve();
  open();
  const crate = await screen.findByLabelText(/^crate/, { selector: "button" });
  crate.focus();
  fireEvent.keyDown(crate, { key: "ArrowUp", shiftKey: true });
  const moved = screen.getByLabelText(/^crate/, { selector: "button" });
  expect(screen.getByLabelText("Step 0").contains(moved)).toBe(true);
  expect(document.activeElement).toBe(moved);
  fireEvent.keyDown(moved, { key: "ArrowRight" });
  expect(document.activeElement).toBe(screen.getByLabelText(/^tent/, { selector: "button" }));
});

test("classes move with the mouse, and a class in two steps is marked", async () => {
  serve().post("/api/v1/stream-preview", () => ({ ...PREVIEW, steps: [] }));
  open();
  fireEvent.click(await screen.findByLabelText(/^tent/, { selector: "button" }));
  fireEvent.click(screen.getByLabelText("Move 1 selected to Step 1"));
  expect(screen.getByLabelText("Step 1").textContent).toContain("tent");
  fireEvent.click(screen.getByText("YAML or JSON"));
  const text = screen.getByLabelText<HTMLTextAreaElement>("Experiment document");
  expect(text.value).toContain("- [2, 3]");
  fireEvent.change(text, { target: { value: text.value.replace("- [2, 3]", "- [2, 1]") } });
  fireEvent.click(screen.getByText("Form"));
  expect(await screen.findAllByLabelText(/^ball.*in two steps/)).toHaveLength(2);
});
