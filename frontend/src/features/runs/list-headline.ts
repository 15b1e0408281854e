import type { MethodSummary, RunSummary } from "../../api/types";

/** What the column of scores holds. */
export interface ListHeadline {
  title: string;
  meaning: string;
  /** Whether the least value is best. */
  isLowBest: boolean;
}

type Scored = Pick<RunSummary, "method" | "score_name">;
type Judged = Pick<MethodSummary, "name" | "scoring">;

/** The headline of the runs in the list, as their methods name it; a plain one where they are judged by several. */
export function listHeadline(runs: readonly Scored[], methods: readonly Judged[]): ListHeadline {
  const used = new Set(runs.map((run) => run.method));
  const headlines = methods.filter((method) => used.has(method.name)).map((method) => method.scoring.headline);
  const titles = new Set(runs.map((run) => run.score_name));
  const meanings = new Set(headlines.map((headline) => headline.meaning));
  const [title] = titles;
  const [meaning] = meanings;
  return {
    title: titles.size === 1 && title !== undefined ? title : "Score",
    meaning: meanings.size === 1 && meaning !== undefined ? meaning : "the headline score of each run's method",
    isLowBest: headlines.length > 0 && headlines.every((headline) => headline.direction === "min"),
  };
}
