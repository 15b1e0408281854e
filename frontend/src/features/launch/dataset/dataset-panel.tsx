import { Loader, Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";

import { Panel } from "../../../components/panel";
import { Problem } from "../../../components/problem";
import { isObject, valueAt } from "../../../lib/json-pointer";
import { laidOver } from "../laid-over";
import { datasetOffersQuery } from "../launch-queries";
import { chosenVariant, type Section } from "../schema-form";
import { SectionFields, type SectionProps } from "../section-fields";
import { choiceOf, choicesOf } from "./choices";
import { DatasetSelect } from "./dataset-select";
import { FolderWanted } from "./folder-wanted";

/** Where the images come from: one of the datasets that there are, and its options. */
export function DatasetPanel(props: SectionProps) {
  return (
    <Panel title="Dataset" hint={props.section.description}>
      <DatasetFields {...props} options={(variant) => <SectionFields {...props} section={variant} />} />
    </Panel>
  );
}

interface DatasetFieldsProps extends SectionProps {
  /** Shows the options of the chosen dataset's form. */
  options: (variant: Section) => ReactNode;
}

/** The choice of a dataset, what is missing of it, and its options. */
export function DatasetFields({ section, draft, preset, faults, onSet, options }: DatasetFieldsProps) {
  const offers = useQuery(datasetOffersQuery());
  const dataset = laidOver(valueAt(preset, section.pointer), valueAt(draft.document, section.pointer));
  const choices = offers.data === undefined ? [] : choicesOf(offers.data);
  const chosen = choiceOf(choices, dataset);
  const adapter = valueAt(dataset, "/adapter");
  const isRefused = chosen === null && typeof adapter === "string" && faults.of(`${section.pointer}/root`).length > 0;
  // Only while its folder is missing does a document ask for a layout; then another dataset can be asked for too.
  const [showsAll, setShowsAll] = useState(false);
  const wanted = isRefused ? adapter : null;
  const variant = chosenVariant(section, dataset);
  return (
    <Stack gap="md">
      {offers.isPending && <Loader size="sm" aria-label="loading datasets" />}
      {offers.error !== null && <Problem error={offers.error} onRetry={() => void offers.refetch()} />}
      {offers.data !== undefined && (
        <DatasetSelect
          choices={choices}
          chosen={chosen}
          wantedAdapter={showsAll ? null : wanted}
          faults={isObject(dataset) ? [] : faults.textsOf(section.pointer)}
          onChoose={(choice) => onSet(section.pointer, choice.spec)}
        />
      )}
      {offers.data !== undefined && wanted !== null && (
        <FolderWanted
          adapter={wanted}
          root={String(valueAt(dataset, "/root"))}
          choices={choices}
          roots={offers.data.roots}
          showsAll={showsAll}
          onShowAll={setShowsAll}
        />
      )}
      {variant !== undefined && options({ ...variant, variants: [] })}
    </Stack>
  );
}
