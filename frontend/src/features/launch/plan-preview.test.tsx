import { MantineProvider } from "@mantine/core";
import { render, screen } from "@testing-library/react";
import { expect, test } from "vitest";

import { VERDICT } from "./fake-launch-service";
import { PlanPreview } from "./plan-preview";

function heads(resolved: Record<string, unknown>): (string | null)[] {
  const { unmount } = render(
    <MantineProvider>
      <PlanPreview verdict={{ ...VERDICT, resolved }} />
    </MantineProvider>,
  );
  const found = screen.getAllByRole("columnheader").map((head) => head.textContent);
  unmount();
  return found;
}

test("a plan of rounds has no columns of classes and images that nothing is in", () => {
  expect(heads({ stream: { steps: [[1], [2]] } })).toEqual(["stage", "new classes", "images", "iterations", "takes"]);
  expect(heads({ stream: { budgets: [6, 6] } })).toEqual(["stage", "iterations", "takes"]);
});
