import { memo, useState } from "react";

import type { RunSummary } from "../../api/types";
import { Icon, type IconName } from "../../components/icon";
import { reasonText } from "../../components/reason-text";
import { StateBadge } from "../../components/state-badge";
import { formatDuration, formatMoment, formatPercent, NOTHING } from "../../lib/format";
import { placeText, queueText } from "../../lib/queue-text";
import { runScoreText, UNDEFINED_WHY } from "../../lib/score-text";
import { possibleActions } from "../../components/run/possible-actions";
import { RunProgressBar } from "../../components/run/run-progress-bar";
import { at } from "../../lib/place";

export const ROW_HEIGHT = 52;
const SHOWN_TAGS = 3;

interface RunRowProps {
  run: RunSummary;
  /** Place in the whole list, from one. */
  place: number;
  isSelected: boolean;
  /** Whether the keys J and K have come to it. */
  isActive: boolean;
  /** Whether the list moves too fast to be read. */
  isBrief: boolean;
}

/** One line of the list, of plain elements: a table draws hundreds while it is scrolled, and itself listens to them. */
export const RunRow = memo(function RunRow({ run, place, isSelected, isActive, isBrief }: RunRowProps) {
  // What was drawn in full stays so.
  const [isDetailed, setDetailed] = useState(!isBrief);
  if (!isBrief && !isDetailed) {
    setDetailed(true);
  }
  return (
    <tr
      data-run={run.id}
      aria-rowindex={place + 1}
      aria-selected={isSelected}
      data-active={isActive || undefined}
    >
      {isDetailed ? <FullCells run={run} isSelected={isSelected} /> : <BriefCells run={run} />}
    </tr>
  );
});

function FullCells({ run, isSelected }: { run: RunSummary; isSelected: boolean }) {
  const isUndefined = run.score === null && run.best_score !== null;
  return (
    <>
      <td className="col-select">
        <input type="checkbox" aria-label={`select ${run.experiment_name}, seed ${run.seed}`} checked={isSelected} readOnly />
      </td>
      <td>
        <StateBadge state={run.state} message={run.message} />
        {run.queue === null ? (
          <Small text={reasonText(run.state, run.reason)} title={run.message} />
        ) : (
          <Small text={placeText(run.queue)} title={queueText(run.queue)} />
        )}
      </td>
      <td>
        <a className="cut" href={at(`/runs/${run.id}`)} title={run.experiment_name}>
          {run.experiment_name}
        </a>
        <RunTags run={run} />
      </td>
      <td className="col-method cut" title={run.method}>
        {run.method}
        <Small text={run.preset?.split("/").slice(1).join("/") ?? "no preset"} title={run.preset} />
      </td>
      <td className="col-dataset cut" title={run.dataset}>
        {run.dataset}
        <Small text={run.stream} />
      </td>
      <td className="number">
        <a className="cut" href={at(`/experiments/${run.experiment_id}`)} title={`seed ${run.seed}; opens the experiment with all its seeds`}>
          {run.seed}
        </a>
      </td>
      <td>
        <RunProgressBar run={run} />
      </td>
      <td className="number col-left">{run.seconds_left === null ? NOTHING : formatDuration(run.seconds_left)}</td>
      <td className="number strong" title={isUndefined ? UNDEFINED_WHY : run.score_name}>
        {runScoreText(run)}
        {run.score_step !== null && run.state !== "succeeded" && <Small text={`step ${run.score_step}`} title="not finished: not ranked beside final scores" />}
      </td>
      <td className="number col-best" title={run.score_name}>
        {formatPercent(run.best_score)}
      </td>
      <td className="small-print col-created">{formatMoment(run.created_at)}</td>
      <td className="small-print col-finished">{formatMoment(run.finished_at)}</td>
      <RowActions run={run} />
    </>
  );
}

/** The second line of a cell; one that is cut shows whole on hover. */
function Small({ text, title = text }: { text: string | null; title?: string | null }) {
  return text === null ? null : (
    <span className="small-print cut" title={title ?? text}>
      {text}
    </span>
  );
}

/** What can be made out while the list flies past, each in its column: every cell costs as much as a tenth of a row. */
function BriefCells({ run }: { run: RunSummary }) {
  return (
    <>
      <td className="brief-state">{run.state}</td>
      <td className="cut">{run.experiment_name}</td>
      <td className="number strong brief-score">{runScoreText(run)}</td>
    </>
  );
}

function RunTags({ run }: { run: RunSummary }) {
  return (
    <div className="run-tags">
      {run.tags.slice(0, SHOWN_TAGS).map((tag) => (
        <button key={tag} type="button" className="run-tag cut" data-tag={tag} title={`only runs with ${tag}`}>
          {tag}
        </button>
      ))}
      {run.tags.length > SHOWN_TAGS && <span className="small-print">+{run.tags.length - SHOWN_TAGS}</span>}
      <button type="button" className="run-tag edit" data-do="edit" title="name, tags and notes (T)">
        {run.tags.length === 0 ? "+ tag" : "+"}
      </button>
    </div>
  );
}

function RowActions({ run }: { run: RunSummary }) {
  const { canCancel, canResume } = possibleActions(run);
  return (
    <td className="row-actions">
      {canResume && <RowAction name="Resume" icon="resume" verb="resume" />}
      {canCancel && <RowAction name="Cancel" icon="cancel" verb="cancel" />}
      <a className="row-action" href={at(`/launch?clone=${run.experiment_id}`)} title="Clone" aria-label="Clone">
        <Icon name="clone" size={14} />
      </a>
      {!canCancel && run.state !== "cancelling" && <RowAction name="Delete" icon="delete" verb="delete" />}
    </td>
  );
}

function RowAction({ name, icon, verb }: { name: string; icon: IconName; verb: string }) {
  return (
    <button type="button" className="row-action" data-do={verb} title={name} aria-label={name}>
      <Icon name={icon} size={14} />
    </button>
  );
}
