import { Group, SegmentedControl, Slider, Switch, Text } from "@mantine/core";

import { UNCERTAINTY_GRADIENT } from "./query-painting";
import type { QueryLayer } from "./query-picture";

const LAYERS: readonly { value: QueryLayer; label: string }[] = [
  { value: "picture", label: "picture" },
  { value: "proposal", label: "teacher's proposal" },
  { value: "uncertainty", label: "uncertainty" },
  { value: "answer", label: "answer" },
];

/** What a reader sees of a query. */
export interface LayerView {
  layer: QueryLayer;
  hasRegion: boolean;
}

interface LayerSwitchProps {
  view: LayerView;
  onChange: (change: Partial<LayerView>) => void;
  /** Of the layer, in percent; left out where there is no slider. */
  opacity?: { percent: number; onChange: (percent: number) => void };
  /** Whether any query asks for less than its whole image. */
  isRegional: boolean;
  /** Whether independent answers can be compared. */
  isDisputed?: boolean;
}

/** Chooses the layer over the pictures, and its opacity. */
export function LayerSwitch({ view, onChange, opacity, isRegional, isDisputed = false }: LayerSwitchProps) {
  return (
    <Group gap="md">
      <SegmentedControl
        size="xs"
        data={isDisputed ? [...LAYERS, { value: "disagreement", label: "where answers differ" }] : [...LAYERS]}
        value={view.layer}
        onChange={(layer) => onChange({ layer })}
        aria-label="layer over the picture"
      />
      {opacity !== undefined && (
        <Group gap="xs" wrap="nowrap" w={180}>
          <Text size="xs" component="span">
            opacity
          </Text>
          <Slider
            flex={1}
            size="sm"
            label={(percent) => `${percent} %`}
            value={opacity.percent}
            onChange={opacity.onChange}
            disabled={view.layer === "picture"}
            thumbLabel="opacity of the layer in percent"
          />
        </Group>
      )}
      {isRegional && (
        <Switch
          size="xs"
          label="outline the queried pixels"
          checked={view.hasRegion}
          onChange={(event) => onChange({ hasRegion: event.currentTarget.checked })}
        />
      )}
    </Group>
  );
}

/** What dark and bright mean in the layer of the uncertainty. */
export function UncertaintyLegend() {
  return (
    <Group gap={6} wrap="nowrap" role="group" aria-label="legend">
      <Text size="xs">certain</Text>
      <span className="uncertainty-ramp" style={{ background: UNCERTAINTY_GRADIENT }} aria-hidden="true" />
      <Text size="xs">any class alike</Text>
    </Group>
  );
}
