import { queryOptions, useQuery } from "@tanstack/react-query";
import { useEffect } from "react";

import type { QueryDetail } from "../../../api/types";
import { fetchBytes } from "./fetch-bytes";
import { readGrey16 } from "../engine/png-read";
import { Superpixels } from "../engine/superpixels";
import type { ToolBox } from "../engine/tool-box";
import type { Grain } from "../engine/tool-settings";

export type SuperpixelState = "none" | "loading" | "failed" | "ready";

/** Have the tools know the superpixels of a size, which are loaded when they are first wanted. */
export function useSuperpixels(query: QueryDetail, grain: Grain, isWanted: boolean, tools: ToolBox): SuperpixelState {
  const address = query.superpixels_url?.[grain] ?? null;
  const found = useQuery({ ...superpixelsQuery(address ?? ""), enabled: isWanted && address !== null });
  const pieces = address === null ? null : (found.data ?? null);
  useEffect(() => tools.cut(pieces), [tools, pieces]);
  return address === null ? "none" : found.isError ? "failed" : pieces === null ? "loading" : "ready";
}

function superpixelsQuery(address: string) {
  return queryOptions({
    queryKey: ["superpixels", address] as const,
    staleTime: Infinity,
    gcTime: 300_000,
    structuralSharing: false,
    queryFn: async ({ signal }) => {
      const { width, height, values } = await readGrey16(await fetchBytes(address, signal));
      return new Superpixels(width, height, values);
    },
  });
}
