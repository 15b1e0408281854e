import type { RunState, RunSummary } from "../../api/types";

/** What the list is narrowed to; it lives in the address. */
export interface RunFilters {
  states: RunState[];
  method: string | null;
  experimentId: string | null;
  /** Words that all must occur in name, method, preset, seed, reason or id. */
  text: string;
}

export const RUN_STATES: readonly RunState[] = [
  "queued",
  "running",
  "waiting",
  "paused",
  "cancelling",
  "succeeded",
  "failed",
  "cancelled",
];

/** Read from the address; what it does not know is left out. */
export function filtersOf(params: URLSearchParams): RunFilters {
  const states = params.getAll("state").filter((state): state is RunState => (RUN_STATES as readonly string[]).includes(state));
  return { states, method: params.get("method"), experimentId: params.get("experiment"), text: params.get("q") ?? "" };
}

/** Written to the address, without what is not set. */
export function paramsOf(filters: RunFilters): URLSearchParams {
  const params = new URLSearchParams(filters.states.map((state) => ["state", state]));
  const single = { method: filters.method, experiment: filters.experimentId, q: filters.text };
  for (const [name, value] of Object.entries(single)) {
    if (value !== null && value !== "") {
      params.set(name, value);
    }
  }
  return params;
}

/** Whether anything is left out. */
export function isNarrowed(filters: RunFilters): boolean {
  return paramsOf(filters).size > 0;
}

/** Whether every word of the search occurs in what a row shows. */
export function matchesText(run: RunSummary, text: string): boolean {
  const shown = [run.experiment_name, run.method, run.preset, `seed ${run.seed}`, run.state, run.reason, run.id];
  const haystack = shown.join(" ").toLowerCase();
  return text
    .toLowerCase()
    .split(/\s+/)
    .every((word) => haystack.includes(word));
}
