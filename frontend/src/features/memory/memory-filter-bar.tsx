import { Button, Group, Select, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { useRef, useState } from "react";

import type { MemoryMatrix } from "../../api/types";
import { KeyHint } from "../../components/key-hint";
import { useKeys } from "../../lib/keys";
import { numberOf, orderOf, ORDERS } from "./memory-view";
import type { MemoryView } from "./use-memory-view";

/** Chooses the snapshot, narrows it and orders it; every choice goes into the address. */
export function MemoryFilterBar({ matrix, view }: { matrix: MemoryMatrix; view: MemoryView }) {
  const { classId, stepAdded, source, order } = view.filters;
  const isNarrowed = classId !== null || stepAdded !== null || source !== "";
  return (
    <Group gap="xs" align="flex-end">
      <Select
        label="Memory"
        data={matrix.snapshots.map(({ stage_id, stage_index }) => ({ value: stage_id, label: `after stage ${stage_index}` }))}
        value={view.stageId}
        onChange={(stageId) => stageId !== null && view.show(stageId, classId)}
        allowDeselect={false}
        w={150}
      />
      <Select
        label="Class"
        placeholder="any"
        data={matrix.classes.map(({ id, name }) => ({ value: String(id), label: name }))}
        value={classId === null ? null : String(classId)}
        onChange={(chosen) => view.narrow({ classId: numberOf(chosen) })}
        clearable
        searchable
        w={150}
      />
      <Select
        label="Stored in stage"
        placeholder="any"
        data={matrix.snapshots.map(({ stage_index }) => ({ value: String(stage_index), label: `stage ${stage_index}` }))}
        value={stepAdded === null ? null : String(stepAdded)}
        onChange={(chosen) => view.narrow({ stepAdded: numberOf(chosen) })}
        clearable
        w={140}
      />
      <SourceSearch source={source} onChange={(text) => view.narrow({ source: text })} />
      <Select
        label="Order"
        data={Object.entries(ORDERS).map(([value, { label }]) => ({ value, label }))}
        value={order}
        onChange={(chosen) => view.narrow({ order: orderOf(chosen) })}
        allowDeselect={false}
        w={190}
      />
      {isNarrowed && (
        <Button variant="light" onClick={() => view.narrow({ classId: null, stepAdded: null, source: "" })}>
          Show all
        </Button>
      )}
    </Group>
  );
}

/** Searches when the writer pauses; emptied when the search is lifted elsewhere. */
function SourceSearch({ source, onChange }: { source: string; onChange: (text: string) => void }) {
  const box = useRef<HTMLInputElement>(null);
  const [text, setText] = useState(source);
  const [known, setKnown] = useState(source);
  const search = useDebouncedCallback(onChange, 200);
  useKeys({ "/": () => box.current?.focus() });
  if (source !== known) {
    setKnown(source);
    setText(source === "" ? "" : text);
  }
  return (
    <TextInput
      ref={box}
      label="Source image"
      placeholder="part of its name"
      value={text}
      onChange={(event) => {
        setText(event.currentTarget.value);
        search(event.currentTarget.value);
      }}
      rightSection={<KeyHint keys="/" />}
      w={200}
    />
  );
}
