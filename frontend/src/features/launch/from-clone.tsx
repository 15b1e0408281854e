import { Alert, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import { experimentQuery } from "../../api/queries";
import type { ExperimentDetail, MethodSummary } from "../../api/types";
import { Icon } from "../../components/icon";
import { NoSuch } from "../../components/no-such";
import { QueryFace } from "../../components/query-face";
import { BeginElsewhere } from "./begin-elsewhere";
import { LaunchForm } from "./launch-form";
import { clonedDocument, hasLostPreset } from "./start";

interface FromCloneProps {
  experimentId: string;
  methods: readonly MethodSummary[];
}

/** A form that begins as a copy of an experiment. */
export function FromClone({ experimentId, methods }: FromCloneProps) {
  const experiment = useQuery(experimentQuery(experimentId));
  return (
    <QueryFace query={experiment} missing={<NoSuch noun="experiment" id={experimentId} />}>
      {(detail) =>
        methods.some((method) => method.name === detail.method) ? (
          <CloneForm experiment={detail} methods={methods} />
        ) : (
          <Alert color="orange" variant="light" icon={<Icon name="failed" />} title={`There is no method ${detail.method}`}>
            <Text size="sm">
              {detail.name} was run with a method that this service does not have, so it cannot be launched again here.{" "}
              <BeginElsewhere />
            </Text>
          </Alert>
        )
      }
    </QueryFace>
  );
}

function CloneForm({ experiment, methods }: { experiment: ExperimentDetail; methods: readonly MethodSummary[] }) {
  const presets = methods.flatMap((method) => method.presets);
  return (
    <>
      <Text size="sm">
        A copy of <b>{experiment.name}</b>; change what you like.{" "}
        {hasLostPreset(experiment, presets) &&
          `Its preset ${String(experiment.document.preset)} is there no more, so every value is written out. `}
        <BeginElsewhere />
      </Text>
      <LaunchForm
        methods={methods}
        start={{
          origin: `clone of ${experiment.id}`,
          document: clonedDocument(experiment, presets),
          name: experiment.name,
          tags: experiment.tags,
          notes: experiment.notes,
          clonedFrom: experiment.id,
        }}
      />
    </>
  );
}
