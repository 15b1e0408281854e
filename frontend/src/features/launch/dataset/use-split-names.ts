import { useQuery } from "@tanstack/react-query";

import { valueAt } from "../../../lib/json-pointer";
import type { Draft } from "../draft";
import { laidOver } from "../laid-over";
import { datasetOffersQuery } from "../launch-queries";
import type { Section } from "../schema-form";
import { splitNamesOf } from "./split-names";

/** The splits of the folder that a section is about; a section without splits asks for nothing. */
export function useSplitNames(section: Section, draft: Draft, preset: unknown): string[] {
  const hasSplits = section.fields.some((field) => field.isSplit);
  const offers = useQuery({ ...datasetOffersQuery(), enabled: hasSplits });
  const dataset = laidOver(valueAt(preset, section.pointer), valueAt(draft.document, section.pointer));
  return hasSplits ? splitNamesOf(offers.data?.roots ?? [], dataset) : [];
}
