import { fireEvent, screen } from "@testing-library/react";
import { expect, test } from "vitest";

import { FakeProblem, FakeServer } from "../../testing/fake-server";
import { renderPage } from "../../testing/render-page";
import { DatasetsPage } from "./datasets-page";

const FOLDER = {
  path: "/data/camvid",
  adapter: "folder",
  num_classes: 11,
  split_names: ["train", "val"],
  splits: [{ name: "train", images: 367 }],
};

function serve(): FakeServer {
  return new FakeServer()
    .get("/api/v1/datasets", () => ({ items: [], next_cursor: null }))
    .get("/api/v1/dataset-roots", () => ({ items: [{ path: "/data", exists: true, folders: [FOLDER] }], next_cursor: null }))
    .get("/api/v1/dataset-kinds", () => ({
      items: [
        {
          name: "objects",
          kind: "world",
          title: "Shapes",
          options: {
            properties: {
              world: { const: "objects", type: "string" },
              classes: { type: "integer", default: 6, minimum: 1, maximum: 20, description: "Number of classes." },
            },
          },
        },
      ],
      next_cursor: null,
    }))
    .post("/api/v1/datasets", () => new FakeProblem({ status: 409, title: "The name is taken", detail: "camvid is taken" }));
}

test("without datasets the page says what to do", async () => {
  serve();
  renderPage(DatasetsPage, "/datasets", "/datasets");
  expect(await screen.findByText("No dataset is registered yet")).toBeTruthy();
});

test("a folder is chosen among those that were recognised, and a refusal is shown", async () => {
  const server = serve();
  renderPage(DatasetsPage, "/datasets", "/datasets?register=1");
  fireEvent.click(await screen.findByText("/data/camvid"));
  fireEvent.click(screen.getByRole("button", { name: "Register" }));
  expect(await screen.findByText("camvid is taken")).toBeTruthy();
  expect(server.bodies).toContainEqual({ name: "camvid", adapter: "folder", root: "/data/camvid" });
});

test("a world is registered with the options that were changed", async () => {
  const server = serve();
  renderPage(DatasetsPage, "/datasets", "/datasets?register=1");
  fireEvent.click(await screen.findByText("a built-in world"));
  fireEvent.change(await screen.findByLabelText("classes"), { target: { value: "3" } });
  fireEvent.change(screen.getByLabelText(/^Name/), { target: { value: "shapes" } });
  fireEvent.click(screen.getByRole("button", { name: "Register" }));
  expect(await screen.findByText("camvid is taken")).toBeTruthy();
  expect(server.bodies).toContainEqual({ name: "shapes", world: { world: "objects", classes: 3 } });
});
