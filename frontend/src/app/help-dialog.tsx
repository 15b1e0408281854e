import { Anchor, Kbd, Modal, Stack, Table, Text } from "@mantine/core";

import { at } from "../lib/place";

const KEYS = [
  ["R", "go to the list of runs"],
  ["N", "go to the page that launches a run"],
  ["Q", "go to the rounds that wait for labels"],
  ["D", "go to the datasets"],
  ["Shift W", "go to the workers"],
  ["S", "scan the open dataset again"],
  ["L", "show or hide the labels over the images of the open dataset"],
  ["/", "search the list of runs, or the log of a run"],
  ["J, K", "move to the next or previous run of the list"],
  ["Enter", "open that run"],
  ["X", "select that run; Shift with a click selects a range"],
  ["V", "compare the selected runs"],
  ["T", "edit the name, tags and notes of that run"],
  ["C", "cancel the open run"],
  ["E", "resume the open run"],
  ["P", "pause the open run"],
  ["Shift C", "clone the open run"],
  ["W", "highlight the most forgotten class in the predictions"],
  ["M", "open the replay memory of the open run"],
  ["N", "get the next query (on the page of a labelling round)"],
  ["A", "accept the teacher's proposal"],
  ["U", "upload a mask as the answer"],
  ["P", "paint the open query"],
  ["K", "skip the query"],
  ["Ctrl Enter", "launch the run described in the form"],
  ["Arrow keys", "move to the next or previous memory item, query, or step of a prediction"],
  ["Shift D", "switch between light and dark colours"],
  ["?", "open this list; on the painting page, show and change that page's keys"],
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
          Terms and guides: <Anchor href={at("/docs")}>documentation</Anchor>. Everything on these pages can also be scripted:{" "}
          <Anchor href={at("/reference")}>API reference</Anchor>, <Anchor href={at("/problems")}>error types</Anchor>,{" "}
          <Anchor href={at("/readyz")}>service status</Anchor>.
        </Text>
      </Stack>
    </Modal>
  );
}
