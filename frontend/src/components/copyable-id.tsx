import { ActionIcon, Code, Group, Tooltip } from "@mantine/core";
import { useRef, useState } from "react";

import { Icon } from "./icon";

/** An id that people need for scripts and in messages, with a button that copies it. */
export function CopyableId({ id, name }: { id: string; name: string }) {
  const text = useRef<HTMLElement>(null);
  const [isCopied, setCopied] = useState(false);
  const copy = () => void copyText(id, text.current).then(setCopied);
  const title = isCopied ? "Copied" : `Copy the ${name}`;
  return (
    <Group gap={4} wrap="nowrap" component="span" display="inline-flex">
      <Code ref={text}>{id}</Code>
      <Tooltip label={title}>
        <ActionIcon variant="subtle" size="sm" color="gray" aria-label={title} onClick={copy} onBlur={() => setCopied(false)}>
          <Icon name={isCopied ? "succeeded" : "clone"} size={12} />
        </ActionIcon>
      </Tooltip>
    </Group>
  );
}

/** Copies a text, and tells whether it could; where the browser gives pages of a plain HTTP address no clipboard, the shown text is marked for Ctrl C. */
async function copyText(text: string, shown: HTMLElement | null): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    if (shown !== null) {
      globalThis.getSelection()?.selectAllChildren(shown);
    }
    return false;
  }
}
