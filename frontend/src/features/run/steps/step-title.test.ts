import { expect, test } from "vitest";

import { exampleStepTable } from "../../../testing/example-scores";
import { stepTitle } from "./step-title";

const { steps } = exampleStepTable();
const SEQUENCE = { steps, domains: ["pits", "pills"].map((name, step_learned) => ({ name, step_learned })) };

test("a domain is called by its name beside its number", () => {
  expect(stepTitle(SEQUENCE, "domain", 1)).toBe("domain 1, pills");
  expect(stepTitle(SEQUENCE, "step", 1)).toBe("step 1");
});

test("domains that were learned together are not called by one of their names", () => {
  const together = { steps, domains: SEQUENCE.domains.map(({ name }) => ({ name, step_learned: 1 })) };
  expect(stepTitle(together, "domain", 1)).toBe("domain 1");
});

test("a single stage that learned all domains is no step of a sequence", () => {
  expect(stepTitle({ ...SEQUENCE, steps: steps.slice(1) }, "domain", 1)).toBe("all domains");
  expect(stepTitle({ ...SEQUENCE, steps: steps.slice(0, 1) }, "domain", 0)).toBe("domain 0, pits");
});
