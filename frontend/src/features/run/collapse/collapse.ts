import type { StepRow, StepTable } from "../../../api/types";
import { formatPercent } from "../../../lib/format";

/** Below this IoU a class is as good as not recognised. */
const GONE = 0.05;
/** What was never above this was not learned, so that it cannot have been lost. */
const KNOWN = 0.2;

/** One plain sentence for each collapse that the newest scores show: of the background, and of all classes learned before. */
export function collapseSentences(table: StepTable, word: string): string[] {
  const newest = table.steps.at(-1);
  if (newest === undefined || table.class_metric !== "iou") {
    return [];
  }
  return [backgroundSentence(table, newest, word), oldClassesSentence(table, newest, word)].filter((sentence) => sentence !== null);
}

function backgroundSentence(table: StepTable, newest: StepRow, word: string): string | null {
  const place = table.classes.findIndex((label) => label.step_learned === null);
  const value = newest.iou[place] ?? null;
  if (value === null || value >= GONE) {
    return null;
  }
  const best = bestOf(table, place);
  const before = best >= KNOWN ? `, after ${formatPercent(best)} % before` : "";
  return `After ${word} ${newest.step} the background is hardly recognised: IoU ${formatPercent(value)} %${before}. The model takes nearly every pixel for one of the classes.`;
}

function oldClassesSentence(table: StepTable, newest: StepRow, word: string): string | null {
  const old = table.classes.flatMap(({ step_learned }, place) => {
    const value = newest.iou[place] ?? null;
    return step_learned !== null && step_learned < newest.step && value !== null ? [{ value, best: bestOf(table, place) }] : [];
  });
  const best = Math.max(0, ...old.map((each) => each.best));
  if (old.length === 0 || best < KNOWN || old.some((each) => each.value >= GONE)) {
    return null;
  }
  const who = old.length === 1 ? "the one class that was learned before is" : `all ${old.length} classes that were learned before are`;
  return `After ${word} ${newest.step} ${who} forgotten: IoU below ${GONE * 100} %, after up to ${formatPercent(best)} % before.`;
}

/** The best IoU of a class in any step so far. */
function bestOf(table: StepTable, place: number): number {
  return Math.max(0, ...table.steps.map((row) => row.iou[place] ?? 0));
}
