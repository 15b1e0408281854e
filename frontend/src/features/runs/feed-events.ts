import type { FeedEvent, RunState, StageState } from "../../api/types";

/** What the feed's events carry; the schema leaves their payload open. */
interface Payloads {
  state: { state: RunState; reason: string | null; message: string | null };
  stage: { stage_id: string; index: number; state: StageState; attempt: number; reason: string | null; message: string | null };
  progress: {
    stage_id: string;
    index: number;
    phase: string;
    iteration: number;
    total: number;
    images_per_second: number | null;
    seconds_left: number | null;
  };
  metric: {
    stage_id: string;
    index: number;
    attempt: number;
    points: { key: string; iteration: number; value: number | "NaN" | "Infinity" | "-Infinity" }[];
  };
  log: { stage_id: string; attempt: number; lines: { number: number; level: string; text: string }[] };
}

export type PayloadOf<Type extends keyof Payloads> = Payloads[Type];

/** The payload of an event of this type; null for every other event. */
export function payloadOf<Type extends keyof Payloads>(event: FeedEvent, type: Type): Payloads[Type] | null {
  return event.type === type ? (event.payload as unknown as Payloads[Type]) : null;
}

/** Parts of the run's data that an event makes stale. */
export type StalePart = "run" | "step-table" | "series" | "artifacts" | "memory";

/** Which parts have to be asked for anew after an event. */
export function stalePartsOf(event: FeedEvent): StalePart[] {
  switch (event.type) {
    case "state":
      return ["run", "artifacts", "memory"];
    case "stage":
      // A new attempt hides what an older one measured beyond its checkpoint.
      return ["run", "series"];
    case "score":
      return ["run", "step-table"];
    case "artifact":
      return ["artifacts"];
    case "memory":
      return ["memory", "artifacts"];
    default:
      return [];
  }
}
