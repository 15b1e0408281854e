import { Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import type { MethodSummary, ModelTestDraft } from "../../api/types";
import { QueryFace } from "../../components/query-face";
import { BeginElsewhere } from "./begin-elsewhere";
import { LaunchForm } from "./launch-form";
import { modelTestQuery } from "./launch-queries";

interface FromTrainedProps {
  /** The stage that trained the model. */
  stageId: string;
  methods: readonly MethodSummary[];
}

/** A form that begins as the test that a trained model had after its training. */
export function FromTrained({ stageId, methods }: FromTrainedProps) {
  const draft = useQuery(modelTestQuery(stageId));
  return <QueryFace query={draft}>{(found) => <TestForm stageId={stageId} draft={found} methods={methods} />}</QueryFace>;
}

function TestForm({ stageId, draft, methods }: FromTrainedProps & { draft: ModelTestDraft }) {
  return (
    <>
      <Text size="sm">
        A <b>{draft.name}</b>. Nothing is trained. It begins with the test sets and options of its own run: choose other
        data, add test sets, or change how it is tested.{" "}
        <BeginElsewhere />
      </Text>
      <LaunchForm
        methods={methods}
        start={{ origin: `test of ${stageId}`, document: draft.document, name: draft.name, tags: [], notes: "", clonedFrom: null }}
      />
    </>
  );
}
