import type { RunGroupsQuery, RunListQuery, RunState } from "../../api/types";

export type RunSort = NonNullable<RunListQuery["sort"]>;

/** What the list is narrowed to, and its order; it lives in the address. */
export interface RunFilters {
  states: RunState[];
  method: string | null;
  dataset: string | null;
  /** `key` or `key=value`; a run has to have all of them. */
  tags: string[];
  experimentId: string | null;
  /** Words that all occur in what is known of a run. */
  text: string;
  isArchived: boolean;
  /** What the runs of a group share; null for single runs. */
  group: RunGroupBy | null;
  sort: RunSort;
  isAscending: boolean;
}

export type RunGroupBy = RunGroupsQuery["by"];

export const GROUPS: readonly RunGroupBy[] = ["experiment", "method", "dataset", "tag"];

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

const SCORES = { isFirstAscending: false };

/** Columns that can be sorted by, and whether their first order is the rising one. */
const SORTS: Record<RunSort, { isFirstAscending: boolean }> = {
  created_at: { isFirstAscending: false },
  finished_at: { isFirstAscending: false },
  name: { isFirstAscending: true },
  method: { isFirstAscending: true },
  dataset: { isFirstAscending: true },
  state: { isFirstAscending: true },
  seed: { isFirstAscending: true },
  score: SCORES,
  best_score: SCORES,
};

/** Read from the address; what it does not know is left out. */
export function filtersOf(params: URLSearchParams): RunFilters {
  const sort = params.get("sort") ?? "";
  const isKnown = (name: string): name is RunSort => Object.hasOwn(SORTS, name);
  return {
    states: params.getAll("state").filter((state): state is RunState => (RUN_STATES as readonly string[]).includes(state)),
    method: params.get("method"),
    dataset: params.get("dataset"),
    tags: params.getAll("tag"),
    experimentId: params.get("experiment"),
    text: params.get("q") ?? "",
    isArchived: params.get("archived") === "true",
    group: GROUPS.find((group) => group === params.get("group")) ?? null,
    sort: isKnown(sort) ? sort : "created_at",
    isAscending: params.get("order") === "asc",
  };
}

/** Written to the address, without what is not set. */
export function paramsOf(filters: RunFilters): URLSearchParams {
  const params = new URLSearchParams([
    ...filters.states.map((state) => ["state", state]),
    ...filters.tags.map((tag) => ["tag", tag]),
  ]);
  const single = {
    method: filters.method,
    dataset: filters.dataset,
    experiment: filters.experimentId,
    q: filters.text,
    archived: filters.isArchived ? "true" : null,
    group: filters.group,
    sort: filters.sort === "created_at" ? null : filters.sort,
    order: filters.isAscending ? "asc" : null,
  };
  for (const [name, value] of Object.entries(single)) {
    if (value !== null && value !== "") {
      params.set(name, value);
    }
  }
  return params;
}

/** The same filters without what narrows the list; its order stays. */
export function widened(filters: RunFilters): RunFilters {
  return { ...filtersOf(new URLSearchParams()), group: filters.group, sort: filters.sort, isAscending: filters.isAscending };
}

/** Whether anything is left out. */
export function isNarrowed(filters: RunFilters): boolean {
  return paramsOf(filters).toString() !== paramsOf(widened(filters)).toString();
}

/** The filters as the service is asked for them. */
export function narrowingOf(filters: RunFilters): RunListQuery {
  return {
    ...(filters.states.length > 0 && { state: filters.states }),
    ...(filters.tags.length > 0 && { tag: filters.tags }),
    ...(filters.method !== null && { method: filters.method }),
    ...(filters.dataset !== null && { dataset: filters.dataset }),
    ...(filters.experimentId !== null && { experiment_id: filters.experimentId }),
    ...(filters.text.trim() !== "" && { q: filters.text.trim() }),
    ...(filters.isArchived && { archived: true }),
  };
}

/** What a click on a column's head makes of the order: the column's own first, the best score, then the other way round. */
export function sortedBy(
  filters: RunFilters,
  sort: RunSort,
  { isLowBest }: { isLowBest: boolean },
): Pick<RunFilters, "sort" | "isAscending"> {
  const isFirstAscending = SORTS[sort] === SCORES ? isLowBest : SORTS[sort].isFirstAscending;
  return { sort, isAscending: filters.sort === sort ? !filters.isAscending : isFirstAscending };
}
