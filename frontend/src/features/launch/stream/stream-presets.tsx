import { Button, Group, NumberInput, Select } from "@mantine/core";
import { useState } from "react";

import type { Schedule } from "../../../api/types";
import { firstThenEach, type Steps } from "./steps";

interface StreamPresetsProps {
  ids: readonly number[];
  schedules: readonly Schedule[];
  /** The published schedule that the stream names; null where its steps are its own. */
  schedule: string | null;
  onSchedule: (name: string) => void;
  onSteps: (steps: Steps) => void;
}

/** Ways to fill all steps at once: a published schedule, or so many classes first and then so many a step. */
export function StreamPresets({ ids, schedules, schedule, onSchedule, onSteps }: StreamPresetsProps) {
  const [first, setFirst] = useState<number | string>(Math.ceil(ids.length / 2));
  const [each, setEach] = useState<number | string>(1);
  const known = new Set(ids);
  const fitting = schedules.filter(({ steps }) => steps.flat().every((id) => known.has(id))).map(({ name }) => name);
  const offered = schedule !== null && !fitting.includes(schedule) ? [schedule, ...fitting] : fitting;
  const canApply = Number(first) >= 1 && Number(each) >= 1 && ids.length > 0;
  const apply = () => onSteps(firstThenEach(ids, Number(first), Number(each)));
  return (
    <Group gap="sm" align="flex-end">
      {offered.length > 0 && (
        <Select
          label="Published schedule"
          placeholder="own steps"
          data={offered}
          value={schedule}
          onChange={(name) => name !== null && onSchedule(name)}
          searchable
          w={180}
        />
      )}
      <NumberInput label="Classes first" value={first} onChange={setFirst} min={1} max={ids.length} w={110} allowDecimal={false} />
      <NumberInput label="then each" value={each} onChange={setEach} min={1} max={ids.length} w={90} allowDecimal={false} />
      <Button variant="default" onClick={apply} disabled={!canApply}>
        Fill the steps
      </Button>
    </Group>
  );
}
