import { Button, Group, Slider, Text } from "@mantine/core";
import type { ReactNode } from "react";

import { KeyHint } from "../../../components/key-hint";
import { TINY_PX } from "../engine/answer-check";
import { UNCERTAINTY_GRADIENT } from "../queries/query-painting";
import type { Command } from "./keys/commands";
import type { KeysOfPage } from "./keys/key-bindings";
import type { PaintWork } from "./load-work";
import { PLAIN_TONE } from "./paint-state";
import { isPlain } from "./screen/tone";
import type { Painting } from "./use-painting";

interface PanelProps {
  painting: Painting;
  keys: KeysOfPage;
}

/** The teacher's proposal: how certain it must be, and how much of it is taken. */
export function ProposalPanel({ work, painting, keys }: PanelProps & { work: PaintWork }) {
  const { state, change, whole } = painting;
  const button = (command: Command, name: string, title: string, act: () => void) => (
    <ActButton key={command} name={name} hint={keys.hint(command)} title={title} onClick={act} />
  );
  return (
    <Side title="Teacher's proposal">
      <Measure label="at least certain" max={100} value={state.certainty} onChange={(certainty) => change({ type: "set", values: { certainty } })} />
      <Group gap={4}>
        {button("proposal.all", "Take all", "lay the proposal where it is certain enough", whole.takeAll)}
        {button("proposal.class", "Take class", "the chosen class of the proposal alone", whole.takeClass)}
        {work.places.length > 0 && button("proposal.place", "Take place", "in the queried place where the pointer was last", whole.takePlace)}
        {button("all.empty", "Begin empty", "take every label away", whole.empty)}
      </Group>
    </Side>
  );
}

/** Mends a class all over the image. */
export function MendPanel({ painting, keys }: PanelProps) {
  const { state, whole } = painting;
  return (
    <Side title="Mend the chosen class">
      <Group gap={4}>
        <ActButton name="Fill holes" hint={keys.hint("mend.holes")} title="close what the chosen class encloses" onClick={whole.fillHoles} />
        <ActButton
          name="Remove islands"
          hint={keys.hint("mend.islands")}
          title={`parts of any class of fewer than ${TINY_PX} pixels take the label around them`}
          onClick={whole.removeIslands}
        />
        <ActButton
          name="Replace last"
          hint={keys.hint("mend.replace")}
          title="everything of the class that was chosen before becomes the chosen one"
          isDisabled={state.classId === state.lastClassId}
          onClick={whole.replaceLast}
        />
      </Group>
    </Side>
  );
}

/** How labels and picture are seen; nothing of it is sent. */
export function ViewPanel({ work, painting, keys }: PanelProps & { work: PaintWork }) {
  const { state, change } = painting;
  const set = (values: Extract<Parameters<typeof change>[0], { type: "set" }>["values"]) => change({ type: "set", values });
  const toggle = (command: Command, name: string, title: string, isOn: boolean, act: () => void) => (
    <ActButton key={command} name={name} hint={keys.hint(command)} title={title} isOn={isOn} onClick={act} />
  );
  const { isOutline, hasHeat, hasMinimap } = state;
  return (
    <Side title="View">
      <Measure label="labels" max={100} value={state.opacity} onChange={(opacity) => set({ opacity })} />
      <Group gap={4}>
        {toggle("view.outline", "Outlines", "draw the borders of labels alone", isOutline, () => set({ isOutline: !isOutline }))}
        {work.proposal.uncertainty !== null &&
          toggle("view.uncertainty", "Uncertainty", "where the teacher is uncertain", hasHeat, () => set({ hasHeat: !hasHeat }))}
        {toggle("view.minimap", "Map", "a small map while not all is in sight", hasMinimap, () => set({ hasMinimap: !hasMinimap }))}
      </Group>
      {hasHeat && (
        <Group gap={6} wrap="nowrap" role="group" aria-label="legend">
          <Text size="xs">certain</Text>
          <span className="heat-ramp" style={{ background: UNCERTAINTY_GRADIENT }} aria-hidden="true" />
          <Text size="xs">any class alike</Text>
        </Group>
      )}
      <ToneSliders painting={painting} />
    </Side>
  );
}

function ToneSliders({ painting: { state, change } }: { painting: Painting }) {
  const slider = (name: keyof typeof PLAIN_TONE, min: number) => (
    <Measure label={name} min={min} max={300} value={state.tone[name]} onChange={(value) => change({ type: "tone", values: { [name]: value } })} />
  );
  return (
    <details>
      <summary>Brightness, contrast, gamma</summary>
      {slider("brightness", 0)}
      {slider("contrast", 0)}
      {slider("gamma", 20)}
      <Button size="compact-xs" variant="default" disabled={isPlain(state.tone)} onClick={() => change({ type: "tone", values: PLAIN_TONE })}>
        As it is
      </Button>
    </details>
  );
}

function Side({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="side-section" aria-label={title.toLowerCase()}>
      <header className="side-head">
        <Text size="xs" fw={650}>
          {title}
        </Text>
      </header>
      {children}
    </section>
  );
}

interface ActButtonProps {
  name: string;
  hint: string;
  title: string;
  isDisabled?: boolean;
  /** Of a button that switches something on and off. */
  isOn?: boolean;
  onClick: () => void;
}

function ActButton({ name, hint, title, isDisabled = false, isOn, onClick }: ActButtonProps) {
  return (
    <Button
      size="compact-xs"
      variant="default"
      className={isOn === undefined ? "act-button" : "act-button toggle-button"}
      aria-pressed={isOn}
      title={title}
      disabled={isDisabled}
      onClick={onClick}
    >
      {name}
      {hint !== "" && <KeyHint keys={hint} />}
    </Button>
  );
}

interface MeasureProps {
  label: string;
  min?: number;
  max: number;
  value: number;
  onChange: (value: number) => void;
}

function Measure({ label, min = 0, max, value, onChange }: MeasureProps) {
  return (
    <div className="measure">
      <Text size="xs" aria-hidden="true">
        {label}
      </Text>
      <Slider size="xs" thumbLabel={`${label}, percent`} min={min} max={max} label={null} value={value} onChange={onChange} />
      <Text size="xs" aria-hidden="true" ta="right">
        {value} %
      </Text>
    </div>
  );
}
