import { useSearchParams } from "react-router";

import { type QueryFilter, querySortOf } from "../../../api/round-queries";
import type { QueryState } from "../../../api/types";
import type { LayerView } from "../queries/layer-switch";
import type { QueryLayer } from "../queries/query-picture";
import { useSetAddress } from "../../../lib/address";
import { COSTS, type CostKey } from "./budget-points";

const LAYERS: readonly QueryLayer[] = ["picture", "proposal", "uncertainty", "answer", "disagreement"];
const STATES: readonly QueryState[] = ["open", "leased", "in_review", "accepted", "skipped", "withdrawn"];

/** What the section shows; it lives in the address. */
export interface RoundView extends LayerView, QueryFilter {
  /** Number of the chosen round; null until one is chosen. */
  round: number | null;
  cost: CostKey;
  queryId: string | null;
  change: (values: Partial<Omit<RoundView, "change">>) => void;
}

/** Reads and writes the address. */
export function useRoundView(): RoundView {
  const [params] = useSearchParams();
  const round = params.get("round");
  const set = useSetAddress();
  const change: RoundView["change"] = ({ hasRegion, state, queryId, round: chosen, cost, layer, sort }) =>
    set({ round: chosen, cost, layer, sort, queries: state, query: queryId, region: hasRegion === undefined ? undefined : hasRegion ? null : "off" });
  return {
    round: round !== null && /^\d{1,3}$/.test(round) ? Number(round) : null,
    cost: COSTS.find(({ key }) => key === params.get("cost"))?.key ?? "images",
    layer: oneOf(params.get("layer"), LAYERS) ?? "picture",
    hasRegion: params.get("region") !== "off",
    state: oneOf(params.get("queries"), STATES),
    sort: querySortOf(params.get("sort")),
    queryId: params.get("query"),
    change,
  };
}

function oneOf<Value extends string>(text: string | null, known: readonly Value[]): Value | null {
  return known.find((value) => value === text) ?? null;
}
