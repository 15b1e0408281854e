import type { StepTable } from "../../../api/types";

/** What a step is called, such as "step 2"; a domain that was learned alone by its name, too: "domain 2, carpet". */
export function stepTitle({ domains, steps }: Pick<StepTable, "domains" | "steps">, word: string, step: number): string {
  const learned = domains.filter((domain) => domain.step_learned === step);
  const [alone] = learned;
  // A single stage that comes late has learned all domains at once.
  const isAlone = word === "domain" && learned.length === 1 && (steps.length > 1 || step === 0);
  return isAlone && alone !== undefined ? `${word} ${step}, ${alone.name}` : `${word} ${step}`;
}
