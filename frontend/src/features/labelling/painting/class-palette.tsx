import { Modal, Text, TextInput } from "@mantine/core";
import { useState } from "react";

import type { ClassLabel } from "../../../api/types";

interface ClassPaletteProps {
  classes: readonly ClassLabel[];
  onChoose: (id: number) => void;
  onClose: () => void;
}

/** Finds a class by a part of its name, without a mouse: arrow keys move, Enter chooses. */
export function ClassPalette({ classes, onChoose, onClose }: ClassPaletteProps) {
  const [wanted, setWanted] = useState("");
  const [row, setRow] = useState(0);
  const found = ranked(classes, wanted);
  const chosen = found[Math.min(row, found.length - 1)];
  const choose = (label: ClassLabel | undefined) => {
    if (label !== undefined) {
      onChoose(label.id);
      onClose();
    }
  };
  const move = (by: number) => setRow((now) => (Math.min(now, found.length - 1) + by + found.length) % Math.max(1, found.length));
  return (
    <Modal opened onClose={onClose} title="Choose a class" size="sm" transitionProps={{ duration: 0 }}>
      <TextInput
        role="combobox"
        aria-label="part of a class's name"
        aria-expanded="true"
        aria-controls="class-palette"
        aria-activedescendant={chosen === undefined ? undefined : `palette-${chosen.id}`}
        placeholder="part of its name"
        autoComplete="off"
        data-autofocus
        value={wanted}
        onChange={(event) => {
          setWanted(event.currentTarget.value);
          setRow(0);
        }}
        onKeyDown={(event) => {
          const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
          if (step !== 0 || event.key === "Enter") {
            event.preventDefault();
          }
          if (step !== 0) {
            move(step);
          } else if (event.key === "Enter") {
            choose(chosen);
          }
        }}
      />
      <div role="listbox" id="class-palette" aria-label="classes found" className="palette-list">
        {found.map((label) => (
          <div
            key={label.id}
            id={`palette-${label.id}`}
            role="option"
            aria-selected={label === chosen}
            className="paint-class"
            onClick={() => choose(label)}
          >
            <span className="paint-swatch" style={{ background: label.colour }} aria-hidden="true" />
            <Text size="sm">{label.name}</Text>
          </div>
        ))}
        {found.length === 0 && (
          <Text size="sm" c="dimmed" p={6}>
            No class has “{wanted}” in its name.
          </Text>
        )}
      </div>
    </Modal>
  );
}

/** Those with the text in their names: first where a name begins with it, then a word of it, then the others. */
export function ranked(classes: readonly ClassLabel[], wanted: string): readonly ClassLabel[] {
  const text = wanted.trim().toLowerCase();
  const rank = ({ name }: ClassLabel) => {
    const at = name.toLowerCase().indexOf(text);
    return at === 0 ? 0 : at > 0 && /[\s_-]/.test(name[at - 1] ?? "") ? 1 : at > 0 ? 2 : 3;
  };
  return classes.filter((label) => rank(label) < 3).sort((one, other) => rank(one) - rank(other));
}
