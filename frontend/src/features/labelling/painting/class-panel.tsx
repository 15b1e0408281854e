import { ActionIcon, Button, Text, UnstyledButton } from "@mantine/core";

import { memo } from "react";

import type { ClassLabel } from "../../../api/types";
import { Icon } from "../../../components/icon";
import { KeyHint } from "../../../components/key-hint";
import { classAction, type KeysOfPage } from "./keys/key-bindings";
import type { PaintAction, PaintState } from "./paint-state";

interface ClassPanelProps {
  classes: readonly ClassLabel[];
  ignoreId: number;
  state: Pick<PaintState, "classId" | "locked" | "hidden">;
  change: (action: PaintAction) => void;
  keys: KeysOfPage;
  onSearch: () => void;
}

/** The classes: chosen by a click or a key, locked, hidden. A stroke does not draw them anew. */
export const ClassPanel = memo(function ClassPanel({ classes, ignoreId, state, change, keys, onSearch }: ClassPanelProps) {
  return (
    <section aria-label="classes" className="class-panel">
      <header className="side-head">
        <Text size="xs" fw={650}>
          Classes
        </Text>
        <Button size="compact-xs" variant="subtle" onClick={onSearch} title="type a part of its name; Enter chooses it">
          Search
          <KeyHint keys={keys.hint("class.search")} />
        </Button>
      </header>
      <div className="class-list">
        {classes.map((label) => (
          <ClassRow key={label.id} label={label} hint={keys.hint(classAction(label.name))} state={state} change={change} />
        ))}
        <UnstyledButton
          className="paint-class"
          aria-pressed={state.classId === ignoreId}
          title="nobody can tell; it counts as unlabelled"
          onClick={() => change({ type: "class", id: ignoreId })}
        >
          <span className="paint-swatch" data-ignored="true" aria-hidden="true" />
          <Text size="sm" flex={1}>
            unsure
          </Text>
          <KeyHint keys={keys.hint("class.unsure")} />
        </UnstyledButton>
      </div>
    </section>
  );
});

interface ClassRowProps extends Pick<ClassPanelProps, "state" | "change"> {
  label: ClassLabel;
  hint: string;
}

function ClassRow({ label, hint, state, change }: ClassRowProps) {
  const [isLocked, isHidden] = [state.locked.has(label.id), state.hidden.has(label.id)];
  return (
    <div className="class-row" data-marked={isLocked || isHidden}>
      <UnstyledButton
        className="paint-class"
        aria-pressed={state.classId === label.id}
        title={label.name}
        onClick={() => change({ type: "class", id: label.id })}
      >
        <span className="paint-swatch" style={{ background: label.colour }} aria-hidden="true" />
        <Text size="sm" truncate style={{ flex: 1 }}>
          {label.name}
        </Text>
        {hint !== "" && <KeyHint keys={hint} />}
      </UnstyledButton>
      <ActionIcon
        size="sm"
        variant={isLocked ? "filled" : "subtle"}
        color="gray"
        aria-label={`lock ${label.name}`}
        aria-pressed={isLocked}
        title={isLocked ? "locked: nothing paints over it" : "lock: let nothing paint over it"}
        onClick={() => change({ type: "lock", id: label.id })}
      >
        <Icon name={isLocked ? "locked" : "unlocked"} size={13} />
      </ActionIcon>
      <ActionIcon
        size="sm"
        variant={isHidden ? "filled" : "subtle"}
        color="gray"
        aria-label={`hide ${label.name}`}
        aria-pressed={isHidden}
        title={isHidden ? "not drawn" : "do not draw it"}
        onClick={() => change({ type: "hide", id: label.id })}
      >
        <Icon name={isHidden ? "hidden" : "shown"} size={13} />
      </ActionIcon>
    </div>
  );
}
