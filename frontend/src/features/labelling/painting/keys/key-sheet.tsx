import { Alert, Button, Group, Kbd, Modal, Table, Text, Title } from "@mantine/core";
import { useEffect, useEffectEvent, useState } from "react";

import type { ClassLabel } from "../../../../api/types";
import { keyName } from "../../../../lib/keys";
import { COMMAND_NAMES, COMMANDS, FIXED } from "./commands";
import { type Action, classAction, keyLabel, type KeysOfPage, refusalOf } from "./key-bindings";

interface KeySheetProps {
  keys: KeysOfPage;
  classes: readonly ClassLabel[];
  onClose: () => void;
}

/** All keys of the painting page; each is changed by a click and a press. They are kept in this browser. */
export function KeySheet({ keys, classes, onClose }: KeySheetProps) {
  const [waiting, setWaiting] = useState<Action | null>(null);
  const [said, say] = useState("");
  const nameOf = (action: Action) => (action.startsWith("class:") ? action.slice("class:".length) : COMMANDS[action as keyof typeof COMMANDS][1]);
  usePress(waiting !== null, (key) => {
    const refusal = refusalOf(key);
    if (refusal === "" || waiting === null) {
      return;
    }
    setWaiting(null);
    if (key === "Escape") {
      say("");
    } else if (refusal !== null) {
      say(`${refusal}; choose another key.`);
    } else {
      const before = keys.bindings.actions.get(key);
      keys.give(waiting, key);
      const isTaken = before !== undefined && before !== waiting && keys.bindings.keys.get(before) === key;
      say(`${keyLabel(key)} is now “${nameOf(waiting)}”.${isTaken ? ` “${nameOf(before)}” has no key any more.` : ""}`);
    }
  });
  const reset = () => {
    keys.reset();
    say("All keys are as they were at first.");
  };
  const groups = [...new Set(COMMAND_NAMES.map((command) => COMMANDS[command][0]))];
  const row = (action: Action) => (
    <KeyRow key={action} name={nameOf(action)} hint={keys.hint(action)} isWaiting={waiting === action} onChange={() => setWaiting(action)} />
  );
  return (
    <Modal opened onClose={onClose} title="Keys" size="min(1100px, 96vw)" closeOnEscape={waiting === null} transitionProps={{ duration: 0 }}>
      <Group justify="space-between" mb="xs">
        <Text size="sm" c="dimmed">
          Click a key and press another one to change it. Caps Lock and other alphabets change nothing. Shift D: light and dark.
        </Text>
        <Button size="compact-sm" variant="default" disabled={!keys.isChanged} onClick={reset}>
          Reset all keys
        </Button>
      </Group>
      {said !== "" && (
        <Alert p="xs" mb="xs" role="status">
          {said}
        </Alert>
      )}
      <div className="key-columns">
        {groups.map((group) => (
          <KeyTable key={group} title={group}>
            {COMMAND_NAMES.filter((command) => COMMANDS[command][0] === group).map(row)}
          </KeyTable>
        ))}
        <KeyTable title="Each class">{classes.map(({ name }) => row(classAction(name)))}</KeyTable>
        <KeyTable title="Always so">
          {FIXED.map(([pressed, does]) => (
            <Table.Tr key={pressed}>
              <Table.Td>{does}</Table.Td>
              <Table.Td ta="right">
                <Kbd size="xs">{pressed}</Kbd>
              </Table.Td>
            </Table.Tr>
          ))}
        </KeyTable>
      </div>
    </Modal>
  );
}

function KeyTable({ title, children }: { title: string; children: React.ReactNode }) {
  return (
    <div>
      <Title order={2} size="h6">
        {title}
      </Title>
      <Table verticalSpacing={1} fz="xs">
        <Table.Tbody>{children}</Table.Tbody>
      </Table>
    </div>
  );
}

interface KeyRowProps {
  name: string;
  /** "" where it has no key. */
  hint: string;
  isWaiting: boolean;
  onChange: () => void;
}

function KeyRow({ name, hint, isWaiting, onChange }: KeyRowProps) {
  return (
    <Table.Tr>
      <Table.Td>{name}</Table.Td>
      <Table.Td ta="right">
        <Button size="compact-xs" variant={isWaiting ? "filled" : "default"} aria-label={`key of ${name}: ${hint === "" ? "none" : hint}`} onClick={onChange}>
          {isWaiting ? "press a key" : hint === "" ? "none" : hint}
        </Button>
      </Table.Td>
    </Table.Tr>
  );
}

/** Take the next press of a key from everything else. */
function usePress(isWaiting: boolean, onPress: (key: string) => void): void {
  const press = useEffectEvent((event: KeyboardEvent) => {
    event.preventDefault();
    event.stopPropagation();
    onPress(keyName(event));
  });
  useEffect(() => {
    if (!isWaiting) {
      return;
    }
    document.addEventListener("keydown", press, true);
    return () => document.removeEventListener("keydown", press, true);
  }, [isWaiting]);
}
