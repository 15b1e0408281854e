import { fireEvent, screen } from "@testing-library/react";
import { expect, test } from "vitest";

import { Problem } from "../../components/problem";
import { exampleRunDetail } from "../../testing/examples";
import { FakeProblem, FakeServer } from "../../testing/fake-server";
import { renderPage } from "../../testing/render-page";
import { ImportRunButton, useImportRun } from "./import-run";

function Importing() {
  const importing = useImportRun();
  return (
    <>
      <ImportRunButton importing={importing} />
      {importing.error !== null && <Problem error={importing.error} />}
    </>
  );
}

async function choose(name: string) {
  await screen.findByText("Import a run");
  const input = document.querySelector<HTMLInputElement>("input[type=file]");
  if (input === null) {
    throw new Error("no field for a file");
  }
  fireEvent.change(input, { target: { files: [new File(["zip"], name, { type: "application/zip" })] } });
}

test("an archive is sent as it is, and its run is opened", async () => {
  const sent: [string | null, unknown][] = [];
  new FakeServer().post("/api/v1/runs/imports", ({ headers, body }) => {
    sent.push([headers.get("Content-Type"), body]);
    return exampleRunDetail({ id: "r9" });
  });
  const page = renderPage(Importing, "/runs", "/runs");
  await choose("run.zip");
  await expect.poll(() => page.address()).toBe("/runs/r9");
  expect(sent.map(([type]) => type)).toEqual(["application/zip"]);
});

test("a refused archive says why, and another can be chosen", async () => {
  const answers = [new FakeProblem({ status: 422, title: "Not importable", detail: "it branched from run r1; import that first" })];
  const server = new FakeServer().post("/api/v1/runs/imports", () => answers.pop() ?? exampleRunDetail({ id: "r9" }));
  const page = renderPage(Importing, "/runs", "/runs");
  await choose("branch.zip");
  expect(await screen.findByText("it branched from run r1; import that first")).toBeTruthy();
  await choose("parent.zip");
  await expect.poll(() => page.address()).toBe("/runs/r9");
  expect(server.requests.length).toBe(2);
});
