import { useLocalStorage } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { handOutQuery, type Instructions, isTold } from "../instructions/hand-out-query";

const SEEN_AT = "palimpsest.instructions-seen";
const KEPT = 50;

export interface InstructionsState {
  /** What people are told; null where that is nothing, or not known yet. */
  told: Instructions | null;
  isOpen: boolean;
  toggle: () => void;
}

/** The instructions of a round: they open by themselves once, and again only when their text has changed. */
export function useInstructions(stageId: string): InstructionsState {
  const { data } = useQuery({ ...handOutQuery(stageId), staleTime: 60_000 });
  const [seen, setSeen] = useLocalStorage<Record<string, number>>({ key: SEEN_AT, defaultValue: {}, getInitialValueInEffect: false });
  const [chosen, setChosen] = useState<boolean | null>(null);
  const told = data !== undefined && isTold(data) ? data : null;
  const mark = told === null ? 0 : markOf(told);
  const isOpen = told !== null && (chosen ?? seen[stageId] !== mark);
  const toggle = () => {
    setChosen(!isOpen);
    setSeen((before) => Object.fromEntries([...Object.entries(before).filter(([id]) => id !== stageId), [stageId, mark] as const].slice(-KEPT)));
  };
  return { told, isOpen, toggle };
}

/** A number that changes with the text. */
function markOf({ instructions, class_instructions }: Instructions): number {
  const text = JSON.stringify([instructions, class_instructions]);
  let mark = 0;
  for (let at = 0; at < text.length; at++) {
    mark = (Math.imul(mark, 31) + text.charCodeAt(at)) | 0;
  }
  return mark;
}
