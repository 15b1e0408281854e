import type { ComparedMember } from "../../api/types";

/** How far a member is; one that has not finished is never ranked. */
export function reachedText({ reached: { step, is_final } }: Pick<ComparedMember, "reached">): string {
  if (step === null) {
    return "not tested yet";
  }
  return is_final ? "finished" : `step ${step}, not finished`;
}
