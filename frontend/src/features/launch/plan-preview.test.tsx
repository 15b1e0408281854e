import { MantineProvider } from "@mantine/core";
import { render, screen } from "@testing-library/react";
import { expect, test } from "vitest";

import type { ExperimentVerdict } from "../../api/types";
import { VERDICT } from "./fake-launch-service";
import { PlanPreview } from "./plan-preview";

function heads(change: Partial<ExperimentVerdict>): (string | null)[] {
  const { unmount } = render(
    <MantineProvider>
      <PlanPreview verdict={{ ...VERDICT, ...change }} />
    </MantineProvider>,
  );
  const found = screen.getAllByRole("columnheader").map((head) => head.textContent);
  unmount();
  return found;
}

const UNCOUNTED = VERDICT.plan.map((stage) => ({ ...stage, images: null }));

test("a plan has columns of classes and images only where something is in them", () => {
  expect(heads({})).toEqual(["stage", "new classes", "images", "iterations", "takes"]);
  expect(heads({ classes_per_step: [] })).toEqual(["stage", "images", "iterations", "takes"]);
  expect(heads({ classes_per_step: [], plan: UNCOUNTED })).toEqual(["stage", "iterations", "takes"]);
});

test("images that are still to be counted have their column", () => {
  expect(heads({ plan: UNCOUNTED, is_scanned: false })).toContain("images");
});

test("a plan says who labels how much at each of its label stages", () => {
  const [stage] = VERDICT.plan;
  const plan = stage === undefined ? [] : [{ ...stage, index: 2, step: 0, kind: "label" }, { ...stage, index: 5, step: 1, kind: "label" }];
  const labels_per_step = [
    { amount: 35, unit: "images" as const, by_people: true },
    { amount: 1, unit: "regions" as const, by_people: false },
  ];
  render(
    <MantineProvider>
      <PlanPreview verdict={{ ...VERDICT, plan, labels_per_step }} />
    </MantineProvider>,
  );
  expect(screen.getByText("people label 35 images")).toBeTruthy();
  expect(screen.getByText("the target's own labels answer for 1 region of each image")).toBeTruthy();
});
