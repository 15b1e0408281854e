import type { CSSProperties } from "react";

import type { RunSummary } from "../../api/types";

/** Share of the whole run, and the stage that it is at. */
export function RunProgressBar({ run }: { run: Pick<RunSummary, "progress" | "state"> }) {
  const { fraction, stages, stages_done, current } = run.progress;
  const percent = Math.round(fraction * 100);
  const at = current === null ? `${stages} of ${stages} stages` : `${stages_done + 1} of ${stages}: ${current.name}`;
  const text = `${percent} %, ${at}`;
  return (
    <div>
      <div
        className="progress-bar"
        role="progressbar"
        aria-label="progress"
        aria-valuenow={percent}
        style={{ "--done": `${percent}%` } as CSSProperties}
      />
      <div className="small-print cut" title={`${text}${iterationsText(run.progress)}`}>
        {text}
      </div>
    </div>
  );
}

function iterationsText({ iterations, total_iterations }: RunSummary["progress"]): string {
  return total_iterations === null ? "" : `; ${iterations} of ${total_iterations} iterations`;
}
