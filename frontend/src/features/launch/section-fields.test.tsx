import { fireEvent, screen } from "@testing-library/react";
import { useState } from "react";
import { expect, test, vi } from "vitest";

import { withValueAt } from "../../lib/json-pointer";
import { renderPage } from "../../testing/render-page";
import { draftOf, type JsonDocument } from "./draft";
import { remarksByPart } from "./launch-faults";
import { formOfSchema } from "./schema-form";
import { SectionFields } from "./section-fields";

const WORLD = (name: string) => ({
  type: "object",
  title: `${name}DatasetSpec`,
  required: ["world"],
  properties: { world: { const: name }, seed: { type: "integer", default: 3 } },
});
const FOLDER = {
  type: "object",
  title: "FolderDatasetSpec",
  required: ["adapter", "root"],
  properties: { adapter: { type: "string", enum: ["voc", "gta5"] }, root: { type: "string" } },
};
const FORM = formOfSchema({ properties: { source: { anyOf: [FOLDER, WORLD("Objects"), WORLD("Streets"), { type: "null" }] } } });
const PRESET = { source: { world: "Objects", seed: 9 } };
const REMARKS = remarksByPart([], []);

function Page() {
  const [document, setDocument] = useState<JsonDocument>({});
  const set = (pointer: string, value: unknown) => setDocument((before) => withValueAt(before, pointer, value));
  return (
    <>
      <output>{JSON.stringify(document)}</output>
      <SectionFields
        section={FORM}
        draft={draftOf(document)}
        preset={PRESET}
        given={PRESET}
        faults={REMARKS}
        warnings={REMARKS}
        onSet={set}
        onTyping={vi.fn()}
      />
    </>
  );
}

const written = () => JSON.parse(screen.getByRole("status").textContent) as JsonDocument;
const chosen = () => screen.getByLabelText("source").querySelector<HTMLInputElement>("input:checked")?.value;

test("choosing a form of a section writes what makes it that form", () => {
  renderPage(Page, "/", "/");
  expect(chosen()).toBe("ObjectsDatasetSpec");
  fireEvent.click(screen.getByText("StreetsDataset"));
  expect(written()).toEqual({ source: { world: "Streets", seed: 3 } });
  expect(chosen()).toBe("StreetsDatasetSpec");
  fireEvent.click(screen.getByText("FolderDataset"));
  expect(chosen()).toBe("FolderDatasetSpec");
  expect(screen.getByLabelText("root")).toBeTruthy();
  fireEvent.click(screen.getByText("ObjectsDataset", { selector: "label *" }));
  expect(written()).toEqual({ source: { world: "Objects", seed: 3 } });
});

test("a section that may be null can be none, also against its preset", () => {
  renderPage(Page, "/", "/");
  fireEvent.click(screen.getByText("none"));
  expect(written()).toEqual({ source: null });
  expect(chosen()).toBe("");
  expect(screen.queryByLabelText("seed")).toBeNull();
  fireEvent.click(screen.getByRole("button", { name: "Reset source to ObjectsDataset" }));
  expect(written()).toEqual(PRESET);
  expect(screen.queryByText(/^changed/)).toBeNull();
});
