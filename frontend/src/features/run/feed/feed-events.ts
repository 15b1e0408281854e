import type { FeedEvent } from "../../../api/types";

export type EventType = FeedEvent["type"];
type Payloads = { [Type in EventType]: Extract<FeedEvent, { type: Type }>["payload"] };
export type PayloadOf<Type extends EventType> = Payloads[Type];

/** Every type of event; the compiler sees that none is missing. */
const TYPES: Record<EventType, true> = {
  state: true,
  stage: true,
  progress: true,
  metric: true,
  score: true,
  log: true,
  artifact: true,
  memory: true,
  checkpoint: true,
  query: true,
  end: true,
};
export const EVENT_TYPES = Object.keys(TYPES) as EventType[];

/** The payload of an event of this type; null for every other event. */
export function payloadOf<Type extends EventType>(event: FeedEvent, type: Type): Payloads[Type] | null {
  return event.type === type ? (event.payload as Payloads[Type]) : null;
}

/** Parts of the run's data that an event makes stale. */
export type StalePart = "run" | "step-table" | "predictions" | "series" | "artifacts" | "memory" | "rounds";

/** Which parts have to be asked for anew after an event. */
export function stalePartsOf(event: FeedEvent): StalePart[] {
  switch (event.type) {
    case "state":
      // A run that is cancelled or resumed withdraws its queries, or opens them again.
      return ["run", "artifacts", "memory", "rounds"];
    case "stage":
      // A new attempt hides what an older one measured beyond its checkpoint.
      return ["run", "series", "rounds"];
    case "score":
      return ["run", "step-table", "predictions", "rounds"];
    case "artifact":
      return ["artifacts"];
    case "memory":
      return ["memory", "artifacts"];
    case "query":
      return ["rounds"];
    case "end":
      // A run that was deleted ends so, too: then there is nothing to ask for any more.
      return ["run"];
    default:
      return [];
  }
}
