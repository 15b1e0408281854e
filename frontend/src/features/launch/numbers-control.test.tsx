import { fireEvent, screen } from "@testing-library/react";
import { useState } from "react";
import { expect, test, vi } from "vitest";

import { renderPage } from "../../testing/render-page";
import { FieldControl } from "./field-control";
import { formOfSchema } from "./schema-form";

const BUDGETS = { type: "array", items: { type: "number", exclusiveMinimum: 0 }, maxItems: 3, default: [35, 85] };
const PAIR = { type: "array", prefixItems: [{ type: "integer" }, { type: "integer" }], minItems: 2, maxItems: 2 };

function show(schema: object, start: unknown) {
  const [field] = formOfSchema({ properties: { budgets: schema } }).fields;
  const values: unknown[] = [];
  const onTyping = vi.fn<(pointer: string, message: string | null) => void>();
  function Held() {
    const [value, setValue] = useState(start);
    const change = (next: unknown) => {
      values.push(next);
      setValue(next);
    };
    return field === undefined ? null : <FieldControl field={field} value={value} faults={[]} warnings={[]} onChange={change} onTyping={onTyping} />;
  }
  renderPage(Held, "/", "/");
  return { values, onTyping };
}

const inputs = () => screen.queryAllByRole<HTMLInputElement>("textbox").map((input) => input.value);

test("numbers are added, changed and removed one by one", async () => {
  const { values } = show(BUDGETS, [35, 85]);
  fireEvent.click(await screen.findByRole("button", { name: "add a number to budgets" }));
  fireEvent.change(screen.getByLabelText("budgets, number 3"), { target: { value: "12.5" } });
  // More than three are not allowed.
  expect(screen.queryByRole("button", { name: "add a number to budgets" })).toBeNull();
  fireEvent.click(screen.getByRole("button", { name: "remove number 1 of budgets" }));
  expect(values).toEqual([
    [35, 85, 85],
    [35, 85, 12.5],
    [85, 12.5],
  ]);
  expect(inputs()).toEqual(["85", "12.5"]);
});

test("what is no number stays as typed, is named, and changes nothing", async () => {
  const { values, onTyping } = show(BUDGETS, [35, 85]);
  fireEvent.change(await screen.findByLabelText("budgets, number 2"), { target: { value: "8x" } });
  expect(inputs()).toEqual(["35", "8x"]);
  expect(screen.getByText("8x is no number")).toBeTruthy();
  expect(onTyping).toHaveBeenLastCalledWith("/budgets", "8x is no number");
  expect(values).toEqual([]);
});

test("a pair that may be not set comes and goes as a whole", async () => {
  const { values } = show({ anyOf: [PAIR, { type: "null" }], default: null }, null);
  fireEvent.click(await screen.findByRole("button", { name: "set budgets" }));
  fireEvent.change(screen.getByLabelText("budgets, number 2"), { target: { value: "64" } });
  fireEvent.click(screen.getByRole("button", { name: "clear budgets" }));
  expect(values).toEqual([[1, 1], [1, 64], null]);
});
