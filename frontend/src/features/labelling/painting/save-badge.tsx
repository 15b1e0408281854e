import { Badge, Button, Group } from "@mantine/core";
import { useEffect, useState } from "react";

import { formatCount } from "../../../lib/format";
import type { SaveState } from "./use-saving";

/** Always says whether the work is safe; a conflict is decided here. */
export function SaveBadge({ state, onCompare }: { state: SaveState; onCompare: () => void }) {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return (
    <Group gap="xs">
      <Badge variant="light" radius="sm" tt="none" color={colourOf(state)} role="status" aria-label="saved state">
        {saveText(state, now)}
      </Badge>
      {state.kind === "conflict" && (
        <Button size="compact-xs" onClick={onCompare} title="see both, and choose for each place">
          Compare and choose
        </Button>
      )}
    </Group>
  );
}

function colourOf({ kind }: SaveState): string {
  return kind === "saved" ? "teal" : kind === "unsaved" || kind === "saving" ? "gray" : "red";
}

/** The state of the work in words. */
export function saveText(state: SaveState, now: number): string {
  switch (state.kind) {
    case "saved":
      return state.at === null ? "nothing to save" : `saved ${Math.max(0, Math.round((now - state.at) / 1000))} s ago`;
    case "unsaved":
      return "not saved yet";
    case "saving":
      return "saving";
    case "offline":
      return `offline: ${formatCount(state.tiles, "changed tile")} kept in this browser`;
    case "conflict":
      return "saved elsewhere since: choose";
    case "refused":
      return `not saved: ${state.message}`;
  }
}
