import { Modal, Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import type { RunDetail } from "../../api/types";
import { ClassName } from "../../components/class-name";
import { EmptyState } from "../../components/empty-state";
import { QueryFace } from "../../components/query-face";
import { ItemPastes } from "./item-pastes";
import { ItemView } from "./item-view";
import { memoryItemQuery } from "./memory-queries";
import { StepThroughItems } from "./step-through-items";
import type { MemoryView } from "./use-memory-view";

interface MemoryItemDialogProps {
  itemId: number;
  run: RunDetail;
  stageId: string;
  view: MemoryView;
}

/** One stored instance: where it was cut out, what is stored, where it was pasted. */
export function MemoryItemDialog({ itemId, run, stageId, view }: MemoryItemDialogProps) {
  const item = useQuery(memoryItemQuery(itemId));
  return (
    <Modal
      opened
      onClose={() => view.open(null)}
      size="xl"
      title={item.data === undefined ? "Instance" : <ClassName name={item.data.class_name} colour={item.data.colour} />}
    >
      <Stack>
        <StepThroughItems itemId={itemId} stageId={stageId} view={view} />
        <QueryFace query={item} height={420} missing={<GoneItem itemId={itemId} />}>
          {(entry) => (
            <Stack key={entry.id}>
              <ItemView item={entry} run={run} />
              <ItemPastes item={entry} />
            </Stack>
          )}
        </QueryFace>
      </Stack>
    </Modal>
  );
}

function GoneItem({ itemId }: { itemId: number }) {
  return (
    <EmptyState title={`There is no instance ${itemId}`}>
      The address may be incomplete, or its run was deleted. Close this window to see all instances.
    </EmptyState>
  );
}
