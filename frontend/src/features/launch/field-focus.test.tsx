import { render } from "@testing-library/react";
import { expect, test } from "vitest";

import { nearestPart } from "./field-focus";

function pointerFor(pointer: string): string | undefined {
  const { container } = render(
    <>
      <div data-pointer="/config">
        <input data-pointer="/config/data" />
        <input data-pointer="/config/data/crop_px" />
        <input data-pointer="/config/data/crop" />
      </div>
      <div data-pointer="/stream" />
    </>,
  );
  return nearestPart(container, pointer)?.dataset.pointer;
}

test("the part nearest to a place is its control, else the section that holds it", () => {
  expect(pointerFor("/config/data/crop_px")).toBe("/config/data/crop_px");
  expect(pointerFor("/config/data/unknown")).toBe("/config/data");
  expect(pointerFor("/stream/steps/1/0")).toBe("/stream");
  expect(pointerFor("/notes")).toBeUndefined();
});
