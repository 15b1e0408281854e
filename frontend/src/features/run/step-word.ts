import { createContext, useContext } from "react";

import type { RunDetail } from "../../api/types";

export const StepWordContext = createContext("step");

/** What the stream of the run that is shown calls a step: "step", "round", "domain". */
export function useStepWord(): string {
  return useContext(StepWordContext);
}

/** The noun of a run's stream, which every stage carries. */
export function stepWordOf(run: Pick<RunDetail, "stages">): string {
  return run.stages[0]?.noun ?? "step";
}
