import { ActionIcon, Button, Group, NumberInput, SegmentedControl, Select, Slider, Switch, Text } from "@mantine/core";

import { KeyHint } from "../../../components/key-hint";
import { MAX_BRUSH_PX } from "../engine/brush";
import { type Tool, TOOLS } from "../engine/tool-box";
import type { PaintAction, PaintState } from "./paint-state";

/** What each tool is called, its key, and what it does. */
export const TOOL_WORDS: Record<Tool, { name: string; key: string; does: string }> = {
  brush: { name: "Brush", key: "b", does: "paint; the right button or Ctrl erases" },
  eraser: { name: "Eraser", key: "e", does: "take labels away" },
  polygon: { name: "Polygon", key: "p", does: "click corners; Enter or a double click closes it, Backspace takes a corner back" },
  rectangle: { name: "Rectangle", key: "r", does: "drag from corner to corner" },
  fill: { name: "Fill", key: "f", does: "give the connected pixels of one label the chosen class" },
  wand: { name: "Wand", key: "w", does: "paint connected pixels of a similar colour" },
  accept: { name: "Accept", key: "a", does: "take one connected part of the teacher's proposal" },
  pick: { name: "Pick", key: "i", does: "choose the class under the pointer" },
};

interface ToolBarProps {
  state: PaintState;
  change: (action: PaintAction) => void;
  history: { canUndo: boolean; canRedo: boolean; undo: () => void; redo: () => void };
  onFit: () => void;
  onActual: () => void;
  zoomPercent: number;
}

/** Tools, their settings, undo and zoom. */
export function ToolBar({ state, change, history, onFit, onActual, zoomPercent }: ToolBarProps) {
  return (
    <Group gap="xs" role="toolbar" aria-label="painting tools">
      {TOOLS.map((tool) => {
        const { name, key, does } = TOOL_WORDS[tool];
        return (
          <Button
            key={tool}
            size="compact-sm"
            variant={state.tool === tool ? "filled" : "default"}
            aria-pressed={state.tool === tool}
            title={does}
            onClick={() => change({ type: "set", values: { tool } })}
          >
            {name}
            <KeyHint keys={key.toUpperCase()} />
          </Button>
        );
      })}
      <ToolSettingsBar state={state} change={change} />
      <Button size="compact-sm" variant="default" disabled={!history.canUndo} onClick={history.undo} title="take the last step back">
        Undo
        <KeyHint keys="Z" />
      </Button>
      <Button size="compact-sm" variant="default" disabled={!history.canRedo} onClick={history.redo} title="do it again (Shift Z)">
        Redo
      </Button>
      <Button size="compact-sm" variant="default" onClick={onFit} title="show the whole image (0)">
        Fit
      </Button>
      <Button size="compact-sm" variant="default" onClick={onActual} title="one pixel of the image takes one of the screen (1)">
        1:1
      </Button>
      <Text size="xs" c="dimmed" role="status" aria-label="zoom">
        {zoomPercent} %
      </Text>
    </Group>
  );
}

function ToolSettingsBar({ state, change }: Pick<ToolBarProps, "state" | "change">) {
  if (state.tool === "wand") {
    return (
      <NumberInput
        size="xs"
        w={120}
        aria-label="tolerance of the wand"
        prefix="± "
        suffix=" of 255"
        min={0}
        max={255}
        value={state.tolerance}
        onChange={(value) => typeof value === "number" && change({ type: "set", values: { tolerance: value } })}
      />
    );
  }
  if (state.tool !== "brush" && state.tool !== "eraser") {
    return null;
  }
  return (
    <>
      <SegmentedControl
        size="xs"
        aria-label="shape of the brush"
        data={["round", "square"]}
        value={state.brush.shape}
        onChange={(shape) => change({ type: "brush", values: { shape: shape } })}
      />
      <ActionIcon.Group>
        <ActionIcon variant="default" aria-label="smaller brush" title="[" onClick={() => change({ type: "size", steps: -1 })}>
          −
        </ActionIcon>
        <NumberInput
          size="xs"
          w={86}
          hideControls
          aria-label="size of the brush"
          suffix=" px"
          min={1}
          max={MAX_BRUSH_PX}
          allowDecimal={false}
          value={state.brush.size}
          onChange={(size) => typeof size === "number" && size >= 1 && change({ type: "brush", values: { size } })}
        />
        <ActionIcon variant="default" aria-label="larger brush" title="]" onClick={() => change({ type: "size", steps: 1 })}>
          +
        </ActionIcon>
      </ActionIcon.Group>
    </>
  );
}

/** How labels and picture are seen, and what may be painted over. */
export function LookPanel({ state, change, names }: Pick<ToolBarProps, "state" | "change"> & { names: { value: string; label: string }[] }) {
  const set = (values: Extract<PaintAction, { type: "set" }>["values"]) => change({ type: "set", values });
  const modes = [
    { value: "everything", label: "over everything" },
    { value: "unlabelled", label: "only where unlabelled" },
    { value: "one", label: "only over one class" },
  ];
  return (
    <>
      <Select
        size="xs"
        label="Paint"
        data={modes}
        value={state.mode}
        allowDeselect={false}
        onChange={(mode) => set({ mode: (mode ?? "everything") as PaintState["mode"] })}
      />
      {state.mode === "one" && (
        <Select
          size="xs"
          label="This class"
          data={names}
          value={String(state.onlyId)}
          allowDeselect={false}
          searchable
          onChange={(id) => id !== null && set({ onlyId: Number(id) })}
        />
      )}
      <Percent label="labels" max={100} value={state.opacity} onChange={(opacity) => set({ opacity })} />
      <Switch size="xs" label="only outlines (O)" checked={state.isOutline} onChange={(event) => set({ isOutline: event.currentTarget.checked })} />
      <Percent label="brightness" max={300} value={state.brightness} onChange={(brightness) => set({ brightness })} />
      <Percent label="contrast" max={300} value={state.contrast} onChange={(contrast) => set({ contrast })} />
    </>
  );
}

function Percent({ label, max, value, onChange }: { label: string; max: number; value: number; onChange: (value: number) => void }) {
  return (
    <div>
      <Text size="xs" aria-hidden="true">
        {label} {value} %
      </Text>
      <Slider size="sm" aria-label={label} thumbLabel={label} min={0} max={max} label={null} value={value} onChange={onChange} />
    </div>
  );
}
