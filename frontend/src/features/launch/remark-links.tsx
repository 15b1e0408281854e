import { Anchor, Code, List } from "@mantine/core";

import type { FaultEntry } from "../../api/types";
import { documentPointer } from "./launch-faults";

interface RemarkLinksProps {
  entries: readonly FaultEntry[];
  /** Shows the field of a place in the document. */
  onShow: (pointer: string) => void;
}

/** Faults or warnings; the place of each leads to its field in the form. */
export function RemarkLinks({ entries, onShow }: RemarkLinksProps) {
  return (
    <List size="sm" mt="xs">
      {entries.map((entry) => (
        <List.Item key={`${entry.pointer} ${entry.message}`}>
          <Place entry={entry} onShow={onShow} /> {entry.message}
        </List.Item>
      ))}
    </List>
  );
}

function Place({ entry, onShow }: { entry: FaultEntry; onShow: RemarkLinksProps["onShow"] }) {
  const pointer = documentPointer(entry);
  if (pointer === null) {
    return <Code>{entry.pointer || "/"}</Code>;
  }
  return (
    <Anchor component="button" type="button" size="sm" c="inherit" onClick={() => onShow(pointer)} title="Show it in the form">
      <Code>{pointer || "/"}</Code>
    </Anchor>
  );
}
