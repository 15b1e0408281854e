import { fireEvent, screen } from "@testing-library/react";
import { beforeEach, expect, test } from "vitest";
import { parse } from "yaml";

import { renderPage } from "../../testing/render-page";
import { PRESET, serveTwoMethods } from "./fake-launch-service";
import { LaunchPage } from "./launch-page";

const STREAM = { kind: "domain_sequence", first: "pits" };
const OTHER = { method: "dkd", preset: "dkd/small", dataset: { world: "domains" }, stream: STREAM, config: { temperature: 3 } };
const OTHER_SCHEMA = { type: "object", properties: { config: { type: "object", properties: {} } } };

beforeEach(() => sessionStorage.clear());

const text = () => screen.getByLabelText<HTMLTextAreaElement>("Experiment document");
const name = () => screen.getByLabelText<HTMLInputElement>("Name").value;

/** Two methods whose presets are called as they are. */
function serveTitled() {
  return serveTwoMethods(OTHER, OTHER_SCHEMA).get("/api/v1/methods/{method}/presets/{preset}", ({ parts }) =>
    parts[0] === "dkd" ? { ...PRESET, name: "dkd/small", title: "Small", document: OTHER, resolved: OTHER } : PRESET,
  );
}

async function openText() {
  fireEvent.click(await screen.findByText("YAML or JSON"));
}

test("a method without a preset begins with a stream of its own kind", async () => {
  serveTitled();
  renderPage(LaunchPage, "/launch", "/launch?method=dkd");
  await openText();
  expect(parse(text().value)).toEqual({ method: "dkd", dataset: { world: "domains" }, stream: STREAM });
  expect(name()).toBe("");
});

test("the name follows the preset that the text names", async () => {
  serveTitled();
  renderPage(LaunchPage, "/launch", "/launch");
  await openText();
  expect(name()).toBe("Demo");
  fireEvent.change(text(), { target: { value: "method: dkd\npreset: dkd/small\n" } });
  await expect.poll(name).toBe("Small");
  fireEvent.change(text(), { target: { value: "method: eir\npreset: eir/demo\n" } });
  await expect.poll(name).toBe("Demo");
});

test("a name that was typed stays when the preset changes", async () => {
  serveTitled();
  renderPage(LaunchPage, "/launch", "/launch");
  await openText();
  fireEvent.change(screen.getByLabelText("Name"), { target: { value: "mine" } });
  fireEvent.change(text(), { target: { value: "method: dkd\npreset: dkd/small\n" } });
  await expect.poll(() => screen.getByLabelText<HTMLInputElement>("Begin with", { selector: "input" }).value).toBe("dkd/small");
  expect(name()).toBe("mine");
});
