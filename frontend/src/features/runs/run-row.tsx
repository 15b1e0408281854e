import { type CSSProperties, memo } from "react";
import { Link } from "react-router";

import type { RunSummary } from "../../api/types";
import { StateBadge } from "../../components/state-badge";
import { formatDuration, formatMoment, formatPercent, NOTHING } from "../../lib/format";
import { RunActions } from "./run-actions";
import { runSecondsLeft } from "./run-eta";

export const ROW_HEIGHT = 52;

/** One line of the list. */
export const RunRow = memo(function RunRow({ run }: { run: RunSummary }) {
  const left = runSecondsLeft(run);
  return (
    <tr>
      <td>
        <StateBadge state={run.state} reason={run.reason} message={run.message} />
      </td>
      <td>
        <div className="cut">
          <Link to={`/runs/${run.id}`}>{run.experiment_name}</Link>
        </div>
        <div className="small-print cut">{run.preset ?? "no preset"}</div>
      </td>
      <td>{run.method}</td>
      <td className="number">{run.seed}</td>
      <td>
        <RunProgressBar run={run} />
      </td>
      <td className="number">{left === null ? NOTHING : formatDuration(left)}</td>
      <td className="number" style={{ fontWeight: 600 }}>
        {formatPercent(run.miou_all)}
      </td>
      <td>
        <div className="small-print">{formatMoment(run.created_at)}</div>
      </td>
      <td>
        <RunActions run={run} isCompact />
      </td>
    </tr>
  );
});

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
      <div className="small-print cut">
        {percent} %, {at}
      </div>
    </div>
  );
}
