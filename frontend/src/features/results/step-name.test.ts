import { expect, test } from "vitest";

import type { TableHead } from "./score-heat-table";
import { stepName } from "./score-heat-table";

const COLUMNS = ["pits", "pills"].map((title, step_learned) => ({ key: title, title, kind: "domain" as const, direction: "max" as const, step_learned }));
const head = (changed: Partial<TableHead>) => ({ kind: "domain" as const, steps: [0, 1], columns: COLUMNS, ...changed });

test("in a table of domains a step is called by the domain that it taught", () => {
  expect(stepName(head({}), 1)).toBe("step 1, pills");
  expect(stepName(head({ kind: "class" }), 1)).toBe("step 1");
});

test("a run that learned all domains at once has no last step", () => {
  expect(stepName(head({ steps: [1] }), 1)).toBe("all domains");
});
