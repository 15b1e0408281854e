import { Anchor, Kbd, Modal, Stack, Table, Text } from "@mantine/core";

import { at } from "../lib/place";

const KEYS = [
  ["R", "list of runs"],
  ["N", "launch a new run"],
  ["Q", "rounds that wait for labels"],
  ["D", "datasets"],
  ["Shift W", "workers"],
  ["S", "scan the dataset that is open again"],
  ["L", "labels over the pictures of the dataset that is open"],
  ["/", "search in the list or in the log"],
  ["J, K", "next and previous run of the list"],
  ["Enter", "open the run that they came to"],
  ["X", "select it; Shift and a click selects a range"],
  ["V", "compare the selected runs"],
  ["T", "edit its name, tags and notes"],
  ["C", "cancel the run that is open"],
  ["E", "resume the run that is open"],
  ["Shift C", "clone the run that is open"],
  ["W", "highlight the worst forgotten class in the predictions"],
  ["M", "replay memory of the run that is open"],
  ["N", "of the round that is labelled: lease the next query"],
  ["A", "accept the teacher's proposal"],
  ["U", "upload a mask"],
  ["P", "paint the query that is open"],
  ["K", "skip the query"],
  ["Ctrl Enter", "launch what the form holds"],
  ["Arrow keys", "next and previous item of the memory or query that is open, or step of the prediction"],
  ["Shift D", "light and dark"],
  ["?", "this list; while painting, all keys of that page, which can be changed there"],
] as const;

/** Which keys do what, and where the interface is described. */
export function HelpDialog({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  return (
    <Modal opened={isOpen} onClose={onClose} title="Keys and help">
      <Stack>
        <Table>
          <Table.Tbody>
            {KEYS.map(([keys, does]) => (
              <Table.Tr key={does}>
                <Table.Td w={130}>
                  <Kbd>{keys}</Kbd>
                </Table.Td>
                <Table.Td>{does}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
        <Text size="sm" c="dimmed">
          What the words mean and how things are done: <Anchor href={at("/docs")}>documentation</Anchor>. Everything here can be done by
          script as well: <Anchor href={at("/reference")}>description of the API</Anchor>,{" "}
          <Anchor href={at("/problems")}>kinds of problem</Anchor>, <Anchor href={at("/readyz")}>state of the service</Anchor>.
        </Text>
      </Stack>
    </Modal>
  );
}
