import type { RunSort } from "./run-filters";

interface RunColumn {
  title: string;
  sort?: RunSort;
  /** For the style sheet, which tells widths and, on narrow pages, which columns are absent. */
  name: string;
  isNumber?: boolean;
}

/** The columns of the list, from left to right, between the box to select and the actions; what the scores are is the
 *  methods' to say. */
export const RUN_COLUMNS: readonly RunColumn[] = [
  { name: "state", title: "State", sort: "state" },
  { name: "run", title: "Run", sort: "name" },
  { name: "method", title: "Method", sort: "method" },
  { name: "dataset", title: "Dataset", sort: "dataset" },
  { name: "seed", title: "Seed", sort: "seed", isNumber: true },
  { name: "progress", title: "Progress" },
  { name: "left", title: "Left", isNumber: true },
  { name: "score", title: "Score", sort: "score", isNumber: true },
  { name: "best", title: "Best", sort: "best_score", isNumber: true },
  { name: "created", title: "Created", sort: "created_at" },
  { name: "finished", title: "Ended", sort: "finished_at" },
];
