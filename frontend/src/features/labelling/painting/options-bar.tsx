import { ActionIcon, Group, NumberInput, SegmentedControl, Select, Slider, Text } from "@mantine/core";

import type { ClassLabel } from "../../../api/types";
import { MAX_BRUSH_PX } from "../engine/brush";
import type { KeysOfPage } from "./keys/key-bindings";
import { GRAINS } from "../engine/tool-settings";
import type { SuperpixelState } from "./use-superpixels";
import type { PaintModeName } from "./paint-state";
import { AssistantOptions } from "./assistant/assistant-options";
import { TOOL_WORDS } from "./tool-words";
import type { Painting } from "./use-painting";

interface OptionsBarProps {
  painting: Painting;
  classes: readonly ClassLabel[];
  ignoreId: number;
  keys: KeysOfPage;
}

/** What is painted with now: the class, the tool's settings, what may be painted over. */
export function OptionsBar({ painting, classes, ignoreId, keys }: OptionsBarProps) {
  const { state } = painting;
  const chosen = classes.find(({ id }) => id === state.classId);
  return (
    <Group gap="sm" className="paint-options" wrap="nowrap" role="group" aria-label="painting with">
      <span className="current-class" title={`the chosen class; ${keys.hint("class.swap")} changes to the one before`}>
        <span className="paint-swatch" data-size="lg" data-ignored={state.classId === ignoreId} style={{ background: chosen?.colour }} aria-hidden="true" />
        <Text size="sm" fw={650} truncate maw={170}>
          {chosen?.name ?? "unsure"}
        </Text>
      </span>
      <ToolOptions painting={painting} keys={keys} />
      <Rule painting={painting} classes={classes} />
    </Group>
  );
}

function ToolOptions({ painting, keys }: Pick<OptionsBarProps, "painting" | "keys">) {
  const { state, change } = painting;
  const [smaller, larger] = [keys.hint("brush.smaller"), keys.hint("brush.larger")];
  if (state.tool === "wand") {
    return (
      <NumberInput
        size="xs"
        w={128}
        aria-label="tolerance of the wand"
        title={`how far a colour may differ in each channel (${smaller} and ${larger})`}
        prefix="± "
        suffix=" of 255"
        min={0}
        max={255}
        value={state.tolerance}
        onChange={(value) => typeof value === "number" && change({ type: "set", values: { tolerance: value } })}
      />
    );
  }
  if (state.tool === "assistant") {
    return <AssistantOptions painting={painting} />;
  }
  if (state.tool === "superpixel") {
    return <GrainOptions painting={painting} title={`${smaller} and ${larger} change it`} />;
  }
  if (state.tool !== "brush" && state.tool !== "eraser") {
    return (
      <Text size="xs" c="dimmed" className="tool-hint" title={TOOL_WORDS[state.tool].does}>
        {TOOL_WORDS[state.tool].does}
      </Text>
    );
  }
  return <BrushOptions painting={painting} hints={[smaller, larger]} />;
}

const SUPERPIXEL_WORDS: Partial<Record<SuperpixelState, string>> = {
  none: "This query has none: they are made where people answer.",
  loading: "loading",
  failed: "They could not be loaded; the other tools work.",
};

function GrainOptions({ painting, title }: { painting: Painting; title: string }) {
  return (
    <>
      <SegmentedControl
        size="xs"
        aria-label="size of the superpixels"
        title={title}
        data={[...GRAINS]}
        value={painting.state.grain}
        onChange={(grain) => painting.change({ type: "set", values: { grain: grain } })}
      />
      <Text size="xs" c="dimmed" role="status" aria-label="superpixels" className="tool-hint">
        {SUPERPIXEL_WORDS[painting.superpixels] ?? TOOL_WORDS.superpixel.does}
      </Text>
    </>
  );
}

function BrushOptions({ painting, hints: [smaller, larger] }: { painting: Painting; hints: [string, string] }) {
  const { brush } = painting.state;
  const resize = (steps: number) => painting.change({ type: "size", steps });
  return (
    <>
      <SegmentedControl
        size="xs"
        className="shape-choice"
        aria-label="shape of the brush"
        data={["round", "square"]}
        value={brush.shape}
        onChange={(shape) => painting.change({ type: "brush", values: { shape: shape } })}
      />
      <ActionIcon.Group>
        <ActionIcon variant="default" aria-label="smaller brush" title={smaller} onClick={() => resize(-1)}>
          −
        </ActionIcon>
        <NumberInput
          size="xs"
          w={74}
          hideControls
          aria-label="size of the brush"
          suffix=" px"
          min={1}
          max={MAX_BRUSH_PX}
          allowDecimal={false}
          value={brush.size}
          onChange={(size) => typeof size === "number" && size >= 1 && painting.change({ type: "brush", values: { size } })}
        />
        <ActionIcon variant="default" aria-label="larger brush" title={larger} onClick={() => resize(1)}>
          +
        </ActionIcon>
      </ActionIcon.Group>
      <Slider
        w={110}
        size="xs"
        className="size-slider"
        label={null}
        thumbLabel="size of the brush on a scale"
        min={0}
        max={Math.log(MAX_BRUSH_PX)}
        step={0.01}
        value={Math.log(brush.size)}
        onChange={(power) => painting.change({ type: "brush", values: { size: Math.max(1, Math.round(Math.exp(power))) } })}
      />
    </>
  );
}

const MODES: readonly { value: PaintModeName; label: string }[] = [
  { value: "everything", label: "over everything" },
  { value: "unlabelled", label: "only unlabelled" },
  { value: "one", label: "only over one class" },
];

function Rule({ painting, classes }: Pick<OptionsBarProps, "painting" | "classes">) {
  const { state, change } = painting;
  return (
    <Group gap={6} ml="auto" wrap="nowrap">
      <Select
        size="xs"
        className="rule-choice"
        aria-label="what is painted over"
        data={[...MODES]}
        value={state.mode}
        allowDeselect={false}
        onChange={(mode) => mode !== null && change({ type: "set", values: { mode: mode } })}
      />
      {state.mode === "one" && (
        <Select
          size="xs"
          w={140}
          aria-label="only over this class"
          data={classes.map((label) => ({ value: String(label.id), label: label.name }))}
          value={String(state.onlyId)}
          allowDeselect={false}
          searchable
          onChange={(id) => id !== null && change({ type: "set", values: { onlyId: Number(id) } })}
        />
      )}
    </Group>
  );
}
