import { fireEvent, screen, within } from "@testing-library/react";
import { expect, test } from "vitest";

import type { HandOut } from "../../../api/types";
import { FakeProblem, type FakeServer } from "../../../testing/fake-server";
import { asAnn, open, sent, serve, stage } from "../answering/fake-round";

asAnn();

const TOLD: HandOut = {
  stage_id: "stage-2",
  overlap: 2,
  ties: "ignore",
  assignment: "fixed",
  annotators: ["ann", "bob"],
  instructions: "Paint **all** of it.",
  class_instructions: {},
  people: [],
};

function telling(): FakeServer {
  return serve().get("/api/v1/stages/{stage_id}/hand-out", () => TOLD);
}

test("a researcher changes what people are told, and who answers stays as it was", async () => {
  const server = telling().put("/api/v1/stages/{stage_id}/hand-out", ({ body }) => ({ ...TOLD, ...(body as Partial<HandOut>) }));
  open("?tab=instructions");
  expect((await screen.findByText("all")).tagName).toBe("STRONG");
  fireEvent.click(screen.getByRole("button", { name: "Edit" }));
  fireEvent.change(await screen.findByLabelText(/^About the round/), { target: { value: "# New\n\n- one" } });
  const about = await screen.findByLabelText(/^What people are told about/);
  const [, name = ""] = /about (.*)$/.exec(document.querySelector(`label[for="${about.id}"]`)?.textContent ?? "") ?? [];
  fireEvent.change(about, { target: { value: "*Only* these." } });
  const preview = within(screen.getByRole("region", { name: "as people see it" }));
  expect(preview.getByRole("heading", { name: "New" })).toBeTruthy();
  expect(within(preview.getByRole("region", { name: `about ${name}` })).getByText("Only").tagName).toBe("EM");
  fireEvent.click(screen.getByRole("button", { name: "Save" }));
  await expect.poll(() => sent(server, "PUT /api/v1/stages/stage-2/hand-out")).toEqual({
    author: "ann",
    assignment: "fixed",
    annotators: ["ann", "bob"],
    instructions: "# New\n\n- one",
    class_instructions: { [name]: "*Only* these." },
  });
  expect(await screen.findByRole("button", { name: "Edit" })).toBeTruthy();
  expect(screen.getByRole("heading", { name: "New" })).toBeTruthy();
});

test("a refusal is shown, and what was written stays", async () => {
  telling().put("/api/v1/stages/{stage_id}/hand-out", () => new FakeProblem({ status: 409, title: "The round is closed", detail: "it takes no answers" }));
  open("?tab=instructions");
  await screen.findByText("all");
  fireEvent.click(await screen.findByRole("button", { name: "Edit" }));
  fireEvent.change(await screen.findByLabelText(/^About the round/), { target: { value: "too late" } });
  fireEvent.click(screen.getByRole("button", { name: "Save" }));
  expect((await screen.findByRole("alert")).textContent).toContain("it takes no answers");
  expect(screen.getByLabelText<HTMLTextAreaElement>(/^About the round/).value).toBe("too late");
});

test("the instructions of a closed round are read alone", async () => {
  telling().get("/api/v1/stages/{stage_id}", () => stage({ state: "succeeded" }));
  open("?tab=instructions");
  expect(await screen.findByText("all")).toBeTruthy();
  expect(screen.getByRole<HTMLButtonElement>("button", { name: "Edit" }).disabled).toBe(true);
});
