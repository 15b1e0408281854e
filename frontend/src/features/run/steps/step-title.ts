import { createContext, useContext } from "react";

import type { StepTable } from "../../../api/types";

/** What a step of the run that is shown is called. */
export type StepNamer = (step: number) => string;

export const StepNamerContext = createContext<StepNamer>((step) => `step ${step}`);

/** What a step of the run that is shown is called, once its scores are known. */
export function useStepNamer(): StepNamer {
  return useContext(StepNamerContext);
}

/** What a step is called, such as "step 2"; a domain by its name, too: "domain 2, carpet"; domains that were learned at once, "all domains". */
export function stepTitle({ domains, steps }: Pick<StepTable, "domains" | "steps">, word: string, step: number): string {
  if (word !== "domain") {
    return `${word} ${step}`;
  }
  // A single stage that comes late has learned, or tested, all domains at once.
  if (steps.length === 1 && step > 0) {
    return "all domains";
  }
  const learned = domains.filter((domain) => domain.step_learned === step);
  const [alone] = learned;
  return learned.length === 1 && alone !== undefined ? `domain ${step}, ${alone.name}` : `domain ${step}`;
}
