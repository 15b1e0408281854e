import { useLocalStorage } from "@mantine/hooks";
import { useMemo } from "react";

import type { ClassLabel } from "../../../../api/types";
import { ALSO, CLASS_KEYS, type Command, COMMAND_NAMES, COMMANDS, FIXED_KEYS } from "./commands";

const STORED_AT = "palimpsest.paint-keys";
const CLASS = "class:";

/** What has a key: a command, or a class by its name. */
export type Action = Command | `class:${string}`;

/** What a person changed: action -> key; "" where it has none. */
export type KeyChanges = Readonly<Record<string, string>>;

const UNCHANGED: KeyChanges = {};

/** Which key does what. */
export interface KeyBindings {
  /** Action -> key. An action without a key is missing. */
  keys: ReadonlyMap<Action, string>;
  /** Key -> action; `ALSO` is in it. */
  actions: ReadonlyMap<string, Action>;
}

export function classAction(name: string): Action {
  return `${CLASS}${name}`;
}

/** The keys of commands and classes with what a person changed. Where two want one key, the changed one has it. */
export function bindingsOf(changes: KeyChanges, classes: readonly Pick<ClassLabel, "name">[]): KeyBindings {
  const keys = new Map<Action, string>();
  const actions = new Map<string, Action>();
  const give = (action: Action, key: string | undefined) => {
    if (key !== undefined && key !== "" && !actions.has(key)) {
      keys.set(action, key);
      actions.set(key, action);
    }
  };
  const all: readonly Action[] = [...COMMAND_NAMES, ...classes.map(({ name }) => classAction(name))];
  all.forEach((action) => give(action, changes[action]));
  COMMAND_NAMES.filter((command) => changes[command] === undefined).forEach((command) => give(command, COMMANDS[command][2]));
  const free = CLASS_KEYS.filter((key) => !actions.has(key));
  classes.forEach(({ name }, index) => {
    // A digit stays with its place in the list, whatever has been changed for other classes.
    const key = CLASS_KEYS[index];
    if (changes[classAction(name)] === undefined && key !== undefined && free.includes(key)) {
      give(classAction(name), key);
    }
  });
  ALSO.forEach(([key, command]) => {
    if (!actions.has(key)) {
      actions.set(key, command);
    }
  });
  return { keys, actions };
}

/** The changes after one more: whatever had the key before has none now. */
export function withKey(changes: KeyChanges, bindings: KeyBindings, action: Action, key: string): KeyChanges {
  const before = bindings.actions.get(key);
  const isTaken = before !== undefined && before !== action && bindings.keys.get(before) === key;
  return { ...changes, ...(isTaken && { [before]: "" }), [action]: key };
}

/** Why a key cannot be given away, "" for one that is only half a key; null where it can. */
export function refusalOf(key: string): string | null {
  if (FIXED_KEYS.includes(key)) {
    return `${keyLabel(key)} keeps its meaning`;
  }
  return /(^|\+)(Control|Shift|Alt|Meta|AltGraph|CapsLock|Dead|Unidentified)$/.test(key) ? "" : null;
}

const WORDS: Readonly<Record<string, string>> = { mod: "Ctrl", alt: "Alt", shift: "⇧", " ": "Space", ArrowLeft: "←", ArrowRight: "→", ArrowUp: "↑", ArrowDown: "↓" };

/** What a key is called on a button: "⇧Z", "Ctrl Enter", "Space". */
export function keyLabel(key: string): string {
  const parts = key === "+" ? ["+"] : key.split(/\+(?=.)/);
  return parts
    .map((part) => WORDS[part] ?? (part.length === 1 ? part.toUpperCase() : part))
    .join(" ")
    .replace("⇧ ", "⇧");
}

/** The keys of this browser, and how they are changed. */
export function useKeyBindings(classes: readonly Pick<ClassLabel, "name">[]) {
  const [changes, setChanges] = useLocalStorage<KeyChanges>({ key: STORED_AT, defaultValue: UNCHANGED, getInitialValueInEffect: false });
  // The same as long as nothing is changed: the panels that show keys are not drawn anew with every stroke.
  return useMemo(() => {
    const bindings = bindingsOf(changes, classes);
    return {
      bindings,
      /** The label of an action's key; "" without one. */
      hint: (action: Action) => keyLabel(bindings.keys.get(action) ?? ""),
      isChanged: Object.keys(changes).length > 0,
      give: (action: Action, key: string) => setChanges(withKey(changes, bindings, action, key)),
      reset: () => setChanges({}),
    };
  }, [changes, classes, setChanges]);
}

export type KeysOfPage = ReturnType<typeof useKeyBindings>;
