import { Modal, SegmentedControl, SimpleGrid, Stack, Text } from "@mantine/core";
import type { ReactNode } from "react";

import type { PredictedImage } from "../../../api/types";
import { useKeys } from "../../../lib/keys";
import { useStepNamer } from "../steps/step-title";
import { useStepWord } from "../step-word";
import { KINDS } from "../../../components/predictions/kinds";
import type { PanelView } from "../../../components/predictions/panel-view";

interface PredictionDialogProps {
  image: PredictedImage;
  step: number;
  view: PanelView;
  onStep: (step: number) => void;
  onClose: () => void;
}

/** One image large, with what one step makes of it; the arrow keys go through the steps. */
export function PredictionDialog({ image, step, view, onStep, onClose }: PredictionDialogProps) {
  const word = useStepWord();
  const nameOf = useStepNamer();
  const kind = KINDS[image.kind];
  const place = image.steps.findIndex((entry) => entry.step === step);
  const done = image.steps[place];
  const go = (by: number) => {
    const next = image.steps[place + by];
    if (next !== undefined) {
      onStep(next.step);
    }
  };
  useKeys({ ArrowLeft: () => go(-1), ArrowRight: () => go(1) }, "dialog");
  return (
    <Modal opened onClose={onClose} size="80rem" title={image.source}>
      <Stack>
        <SegmentedControl
          data={image.steps.map((entry) => ({ value: String(entry.step), label: nameOf(entry.step) }))}
          value={String(step)}
          onChange={(value) => onStep(Number(value))}
          aria-label={word}
        />
        <SimpleGrid cols={{ base: 1, xs: 3 }}>
          <Part title="picture">
            <img src={image.picture} alt={image.source} className="panel-picture pixels" />
          </Part>
          <Part title="ground truth">
            <kind.Truth image={image} view={view} />
          </Part>
          <Part title={view.mode === "errors" ? `errors after ${nameOf(step)}` : `prediction after ${nameOf(step)}`}>
            {done !== undefined && <kind.Step image={image} view={view} done={done} />}
          </Part>
        </SimpleGrid>
        {done !== undefined && <kind.Details image={image} view={view} done={done} />}
      </Stack>
    </Modal>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div>
      <Text size="xs" c="dimmed" mb={4}>
        {title}
      </Text>
      {children}
    </div>
  );
}
