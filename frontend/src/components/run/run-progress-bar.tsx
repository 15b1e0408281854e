import type { CSSProperties } from "react";

import type { RunSummary } from "../../api/types";

/** Share of the whole run, and the stage that it is at. */
export function RunProgressBar({ run }: { run: Pick<RunSummary, "progress" | "state"> }) {
  const { fraction, stages, stages_done, current } = run.progress;
  const percent = Math.round(fraction * 100);
  const at = current === null ? `${stages} of ${stages} stages` : `${current.name} ${stages_done + 1} of ${stages}`;
  return (
    <div>
      <div
        className="progress-bar"
        role="progressbar"
        aria-label="progress"
        aria-valuenow={percent}
        style={{ "--done": `${percent}%` } as CSSProperties}
      />
      <div className="small-print cut" title={iterationsOf(run.progress)}>
        {percent} %, {at}
      </div>
    </div>
  );
}

function iterationsOf({ iterations, total_iterations }: RunSummary["progress"]): string | undefined {
  return total_iterations === null ? undefined : `${iterations} of ${total_iterations} iterations`;
}
