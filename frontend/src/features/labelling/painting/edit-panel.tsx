import { Button, Group, Slider, Text } from "@mantine/core";
import { useState } from "react";

import { TINY_PX } from "../engine/answer-check";
import { SOURCE } from "../engine/label-map";
import { fillHoles, removeIslands, replaceClass } from "../engine/mending";
import { acceptProposal, mostUncertain } from "../engine/proposal";
import type { PaintWork } from "./load-work";
import type { PaintState } from "./paint-state";

interface EditPanelProps {
  work: PaintWork;
  state: PaintState;
  /** Something was done that is a step. */
  onStep: () => void;
}

/** What is done to the whole image at once: take the teacher's proposal, begin empty, mend a class. */
export function EditPanel({ work, state, onStep }: EditPanelProps) {
  const { painter, proposal, queried } = work;
  const { map } = painter;
  const [percent, setPercent] = useState(0);
  const act = (id: number, source: (typeof SOURCE)[keyof typeof SOURCE], paint: Parameters<typeof painter.act>[2]) => {
    if (painter.act(id, source, paint)) {
      onStep();
    }
  };
  const accept = (id: number | null) =>
    act(map.ignoreId, SOURCE.model, (edit) => acceptProposal(edit, proposal, mostUncertain(percent), map.bounds, id));
  const empty = () =>
    act(map.ignoreId, SOURCE.none, (edit) => {
      for (let row = 0; row < map.height; row++) {
        edit.span(row, 0, map.width);
      }
    });
  const mend = (paint: Parameters<typeof painter.act>[2]) => act(state.classId, SOURCE.person, paint);
  return (
    <section aria-label="whole image">
      <Text size="xs" aria-hidden="true">
        teacher at least {percent} % certain
      </Text>
      <Slider size="sm" aria-label="least certainty" thumbLabel="least certainty" label={null} value={percent} onChange={setPercent} mb={6} />
      <Group gap={6}>
        <Button size="compact-xs" variant="default" onClick={() => accept(null)} title="lay the teacher's proposal where it is certain enough">
          Take proposal
        </Button>
        <Button size="compact-xs" variant="default" onClick={() => accept(state.classId)} title="of the chosen class alone">
          Take this class
        </Button>
        <Button size="compact-xs" variant="default" onClick={empty} title="begin with nothing labelled">
          Begin empty
        </Button>
        <Button size="compact-xs" variant="default" onClick={() => mend(fillHoles)} title="close what the chosen class encloses">
          Fill holes
        </Button>
        <Button
          size="compact-xs"
          variant="default"
          onClick={() => mend((edit) => removeIslands(edit, TINY_PX, queried))}
          title={`parts of fewer than ${TINY_PX} pixels take the label around them`}
        >
          Remove islands
        </Button>
        <Button
          size="compact-xs"
          variant="default"
          disabled={state.classId === state.lastClassId}
          onClick={() => mend((edit) => replaceClass(edit, state.lastClassId, map.bounds))}
          title="everything of the class that was chosen before becomes the chosen one"
        >
          Replace last class
        </Button>
      </Group>
    </section>
  );
}
