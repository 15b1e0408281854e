import { formatDuration } from "./format";

/** Where a run stands in the queue, and the seconds until a worker takes it, if known. */
interface QueuePlace {
  position: number;
  length: number;
  seconds: number | null;
}

/** Where a run stands in the queue: "3rd of 5". */
export function placeText(place: QueuePlace): string {
  return `${ordinal(place.position)} of ${place.length}`;
}

/** The same with the wait: "3rd of 5, starts in about 12 min". */
export function queueText(place: QueuePlace): string {
  if (place.seconds === null) {
    return placeText(place);
  }
  return place.seconds < 1 ? `${placeText(place)}, starts at once` : `${placeText(place)}, starts in about ${formatDuration(place.seconds)}`;
}

const SUFFIXES: Partial<Record<Intl.LDMLPluralRule, string>> = { one: "st", two: "nd", few: "rd" };
const RULES = new Intl.PluralRules("en", { type: "ordinal" });

function ordinal(position: number): string {
  return `${position}${SUFFIXES[RULES.select(position)] ?? "th"}`;
}
