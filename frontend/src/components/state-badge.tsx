import type { AttemptSummary, DatasetSummary, RunState, StageState, WorkerSummary } from "../api/types";
import { Icon, type IconName } from "./icon";
import { reasonText } from "./reason-text";

type State = RunState | StageState | AttemptSummary["state"] | DatasetSummary["state"] | WorkerSummary["state"];

const LOOKS: Record<State, { icon: IconName; colour: string; text: string }> = {
  draft: { icon: "pending", colour: "gray", text: "draft" },
  pending: { icon: "pending", colour: "gray", text: "pending" },
  skipped: { icon: "pending", colour: "gray", text: "skipped" },
  queued: { icon: "queued", colour: "blue", text: "queued" },
  leased: { icon: "queued", colour: "blue", text: "starting" },
  running: { icon: "running", colour: "blue", text: "running" },
  retry_wait: { icon: "waiting", colour: "yellow", text: "waits to retry" },
  waiting: { icon: "waiting", colour: "yellow", text: "waiting" },
  waiting_annotation: { icon: "waiting", colour: "yellow", text: "waits for labels" },
  paused: { icon: "paused", colour: "yellow", text: "paused" },
  yielded: { icon: "paused", colour: "yellow", text: "gave back" },
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

interface StateBadgeProps {
  state: State;
  /** Why it is so: a reason code, with the sentence as its explanation. */
  reason?: string | null | undefined;
  message?: string | null | undefined;
  size?: "sm" | "lg";
}

/** A state as drawing, word and colour, with its reason. */
export function StateBadge({ state, reason, message, size = "sm" }: StateBadgeProps) {
  const look = LOOKS[state];
  const why = reasonText(state, reason);
  const said = why === null ? look.text : `${look.text}: ${why}`;
  return (
    <span className="state-badge" data-colour={look.colour} data-size={size} title={message ? `${said}. ${message}` : said}>
      <Icon name={look.icon} size={12} />
      <span>{said}</span>
    </span>
  );
}
