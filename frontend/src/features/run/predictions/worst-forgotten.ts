import type { StepTable } from "../../../api/types";
import { classLines } from "../steps/step-order";

/** The class that lost most IoU since it was learned, if any did. */
export function worstForgotten(table: StepTable | undefined): { id: number; name: string; drop: number } | null {
  const line = table && classLines(table, "forgotten").find(({ label }) => label.step_learned !== null);
  const drop = line?.now.drop ?? 0;
  return line === undefined || drop <= 0 ? null : { id: line.label.id, name: line.label.name, drop };
}
