import type { AttemptSummary, DatasetSummary, RunState, StageState, WorkerSummary } from "../api/types";
import type { IconName } from "./icon";

export type State = RunState | StageState | AttemptSummary["state"] | DatasetSummary["state"] | WorkerSummary["state"];

/** How a state is drawn, and the word for it. */
export const LOOKS: Record<State, { icon: IconName; colour: string; text: string }> = {
  draft: { icon: "pending", colour: "gray", text: "draft" },
  pending: { icon: "pending", colour: "gray", text: "pending" },
  skipped: { icon: "pending", colour: "gray", text: "skipped" },
  queued: { icon: "queued", colour: "blue", text: "queued" },
  leased: { icon: "queued", colour: "blue", text: "starting" },
  running: { icon: "running", colour: "blue", text: "running" },
  retry_wait: { icon: "waiting", colour: "yellow", text: "waiting to retry" },
  waiting: { icon: "waiting", colour: "yellow", text: "waiting" },
  waiting_annotation: { icon: "waiting", colour: "yellow", text: "waiting for labels" },
  paused: { icon: "paused", colour: "yellow", text: "paused" },
  yielded: { icon: "paused", colour: "yellow", text: "handed back" },
  cancelling: { icon: "cancelled", colour: "orange", text: "cancelling" },
  cancelled: { icon: "cancelled", colour: "gray", text: "cancelled" },
  succeeded: { icon: "succeeded", colour: "teal", text: "succeeded" },
  failed: { icon: "failed", colour: "red", text: "failed" },
  lost: { icon: "failed", colour: "orange", text: "lost" },
  scanning: { icon: "queued", colour: "blue", text: "scanning" },
  ready: { icon: "succeeded", colour: "teal", text: "ready" },
  faulty: { icon: "failed", colour: "orange", text: "faulty" },
  idle: { icon: "pending", colour: "gray", text: "idle" },
  busy: { icon: "running", colour: "blue", text: "busy" },
  draining: { icon: "paused", colour: "yellow", text: "draining" },
  offline: { icon: "cancelled", colour: "red", text: "offline" },
  fenced: { icon: "cancelled", colour: "gray", text: "replaced" },
};
