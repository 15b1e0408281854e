import { createContext, useContext } from "react";

import type { RunDetail } from "../../api/types";

/** What a training of a run is called: a step of a continual stream, or a round of labels. */
export type StepWord = "step" | "round";

export const StepWordContext = createContext<StepWord>("step");

/** The word for a step of the run that is shown. */
export function useStepWord(): StepWord {
  return useContext(StepWordContext);
}

/** Only a run of rounds chooses what to have labelled. */
export function stepWordOf(run: Pick<RunDetail, "stages">): StepWord {
  return run.stages.some((stage) => stage.kind === "select") ? "round" : "step";
}
