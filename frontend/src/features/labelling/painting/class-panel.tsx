import { ActionIcon, Text, TextInput, UnstyledButton } from "@mantine/core";
import { useState } from "react";

import type { ClassLabel } from "../../../api/types";
import { Icon } from "../../../components/icon";
import type { PaintAction, PaintState } from "./paint-state";

/** Classes that have a key of their own: 1 to 9. */
const DIGITS = 9;
const SEARCH_FROM = 20;

interface ClassPanelProps {
  classes: readonly ClassLabel[];
  ignoreId: number;
  state: PaintState;
  change: (action: PaintAction) => void;
}

/** The classes: chosen by a click or a digit, locked, hidden. */
export function ClassPanel({ classes, ignoreId, state, change }: ClassPanelProps) {
  const [wanted, search] = useState("");
  const shown = classes.filter(({ name }) => name.toLowerCase().includes(wanted.trim().toLowerCase()));
  return (
    <section aria-label="classes">
      {classes.length > SEARCH_FROM && (
        <TextInput
          size="xs"
          mb={4}
          aria-label="search a class"
          placeholder="search a class; Enter chooses the first"
          value={wanted}
          onChange={(event) => search(event.currentTarget.value)}
          onKeyDown={(event) => {
            const [first] = shown;
            if (event.key === "Enter" && first !== undefined) {
              change({ type: "class", id: first.id });
              search("");
              event.currentTarget.blur();
            }
          }}
        />
      )}
      {shown.map((label) => (
        <ClassRow
          key={label.id}
          label={label}
          digit={classes.indexOf(label) < DIGITS ? classes.indexOf(label) + 1 : null}
          state={state}
          change={change}
        />
      ))}
      <UnstyledButton
        className="paint-class"
        aria-pressed={state.classId === ignoreId}
        title="nobody can tell; it counts as unlabelled"
        onClick={() => change({ type: "class", id: ignoreId })}
      >
        <span className="paint-swatch" data-ignored="true" aria-hidden="true" />
        <Text size="sm">unsure</Text>
      </UnstyledButton>
    </section>
  );
}

interface ClassRowProps extends Pick<ClassPanelProps, "state" | "change"> {
  label: ClassLabel;
  digit: number | null;
}

function ClassRow({ label, digit, state, change }: ClassRowProps) {
  const [isLocked, isHidden] = [state.locked.has(label.id), state.hidden.has(label.id)];
  return (
    <div style={{ display: "flex", alignItems: "center", gap: 2 }}>
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
        {digit !== null && (
          <Text size="xs" c="dimmed">
            {digit}
          </Text>
        )}
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
