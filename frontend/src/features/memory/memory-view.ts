import type { operations } from "../../api/generated/schema";
import { withValues } from "../../lib/address";

type Query = NonNullable<operations["list_memory_items"]["parameters"]["query"]>;

/** What a snapshot is narrowed to and how it is ordered; it lives in the address. */
export interface MemoryFilters {
  classId: number | null;
  /** Step of the images that the instances were cut from. */
  stepAdded: number | null;
  /** Text in the id of the source image; "" is any. */
  source: string;
  order: OrderName;
}

/** Orders that the page offers, by their name in the address. */
export const ORDERS = {
  rank: { label: "in order of selection", sort: "rank", order: "asc" },
  "most-pasted": { label: "most pasted first", sort: "times_drawn", order: "desc" },
  "least-pasted": { label: "least pasted first", sort: "times_drawn", order: "asc" },
  largest: { label: "largest area first", sort: "area", order: "desc" },
  smallest: { label: "smallest area first", sort: "area", order: "asc" },
  "most-bytes": { label: "most bytes first", sort: "bytes", order: "desc" },
  "fewest-bytes": { label: "fewest bytes first", sort: "bytes", order: "asc" },
} as const;

export type OrderName = keyof typeof ORDERS;

/** Read from the address; what it does not know is left out. */
export function filtersOf(params: URLSearchParams): MemoryFilters {
  return {
    classId: numberOf(params.get("class")),
    stepAdded: numberOf(params.get("step")),
    source: params.get("source") ?? "",
    order: orderOf(params.get("order")),
  };
}

/** A copy of the address with these filters, without what is not set. */
export function withFilters(params: URLSearchParams, filters: MemoryFilters): URLSearchParams {
  return withValues(params, {
    class: filters.classId,
    step: filters.stepAdded,
    source: filters.source === "" ? null : filters.source,
    order: filters.order === "rank" ? null : filters.order,
  });
}

/** What the service is asked for. */
export function queryOf(filters: MemoryFilters): Query {
  const { sort, order } = ORDERS[filters.order];
  return {
    sort,
    order,
    ...(filters.classId !== null && { class_id: filters.classId }),
    ...(filters.stepAdded !== null && { step_added: filters.stepAdded }),
    ...(filters.source !== "" && { source_contains: filters.source }),
  };
}

/** A whole number, or null for anything else. */
export function numberOf(text: string | null): number | null {
  return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : null;
}

/** The order of this name; that of selection for any other. */
export function orderOf(name: string | null): OrderName {
  return name !== null && Object.hasOwn(ORDERS, name) ? (name as OrderName) : "rank";
}
