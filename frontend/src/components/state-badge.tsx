import { Icon } from "./icon";
import { reasonText } from "./reason-text";
import { LOOKS, type State } from "./state-looks";

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
