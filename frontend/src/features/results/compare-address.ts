/** The fewest and the most that the service compares. */
export const FEWEST = 2;
export const MOST = 20;

/** What a comparison's address says. */
export interface CompareAddress {
  /** Ids of runs. */
  runs: readonly string[];
  /** Digests of experiments, or ids of definitions. */
  experiments: readonly string[];
  /** The member that differences are given to; null where none was chosen. */
  baseline: string | null;
  /** Whether equal settings are shown, too. */
  hasEqual: boolean;
}

/** Reads the address; keys may be joined by commas or given one by one, and each counts once. */
export function compareAddressOf(params: URLSearchParams): CompareAddress {
  return {
    runs: keysOf(params, "runs"),
    experiments: keysOf(params, "experiments"),
    baseline: params.get("baseline"),
    hasEqual: params.get("equal") === "true",
  };
}

/** The address of a comparison of these members. */
export function comparePath({ runs = [], experiments = [] }: Partial<Pick<CompareAddress, "runs" | "experiments">>): string {
  const parts = [joined("runs", runs), joined("experiments", experiments)].filter((part) => part !== "");
  return `/compare?${parts.join("&")}`;
}

/** What the address becomes without one of its members; null takes a parameter away. */
export function without(address: CompareAddress, key: string): Record<"runs" | "experiments" | "baseline", string | null> {
  const left = (keys: readonly string[]) => keys.filter((one) => one !== key).join(",") || null;
  return { runs: left(address.runs), experiments: left(address.experiments), baseline: address.baseline === key ? null : address.baseline };
}

function keysOf(params: URLSearchParams, name: string): string[] {
  const keys = params.getAll(name).flatMap((part) => part.split(","));
  return [...new Set(keys.map((key) => key.trim()).filter((key) => key !== ""))];
}

function joined(name: string, keys: readonly string[]): string {
  return keys.length === 0 ? "" : `${name}=${keys.join(",")}`;
}
