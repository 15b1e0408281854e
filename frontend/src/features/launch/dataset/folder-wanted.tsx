import { Alert, Code, Switch, Text } from "@mantine/core";

import type { DatasetRoot } from "../../../api/types";
import { Icon } from "../../../components/icon";
import { type DatasetChoice, ofLayout } from "./choices";

interface FolderWantedProps {
  adapter: string;
  /** As the document names it. */
  root: string;
  choices: readonly DatasetChoice[];
  roots: readonly DatasetRoot[];
  showsAll: boolean;
  onShowAll: (all: boolean) => void;
}

/** Says that the folder which the document names cannot be used, and what to do about it. */
export function FolderWanted({ adapter, root, choices, roots, showsAll, onShowAll }: FolderWantedProps) {
  const fitting = ofLayout(choices, adapter);
  const allowed = roots.map((each) => each.path).join(", ");
  return (
    <Alert color="orange" variant="light" icon={<Icon name="failed" />} title="Choose where the images are">
      <Text size="sm">
        The document names the folder <Code>{root}</Code>, which this service cannot use.{" "}
        {fitting.length > 0 ? (
          <>
            Choose one of the {fitting.length} with the layout <Code>{adapter}</Code> above.
          </>
        ) : (
          <>
            No dataset of the layout <Code>{adapter}</Code> lies below the folders that the service may read (
            <Code>{allowed || "none"}</Code>). Put it there, or name its folder in <Code>PALIMPSEST_DATA_ROOTS</Code> and
            start the service again; or choose another dataset.
          </>
        )}
      </Text>
      <Switch
        mt="xs"
        label="Offer datasets of other layouts too"
        checked={showsAll}
        onChange={(event) => onShowAll(event.currentTarget.checked)}
      />
    </Alert>
  );
}
