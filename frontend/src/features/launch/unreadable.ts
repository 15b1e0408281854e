import { formatCount } from "../../lib/format";
import type { Draft } from "./draft";

/** Something typed that cannot be read: until it can, the document is not what is on the screen. */
export interface Unreadable {
  /** The setting, or "text" where it is the document as text. */
  place: string;
  message: string;
}

/** Messages of the controls that hold what cannot be read, by pointer. */
export type Mistyped = Readonly<Record<string, string>>;

/** Everything on the screen that cannot be read. */
export function unreadableOf({ textFault }: Pick<Draft, "textFault">, mistyped: Mistyped): Unreadable[] {
  const inText: Unreadable[] = textFault === null ? [] : [{ place: "text", message: placed(textFault.message, textFault.line) }];
  return [...inText, ...Object.entries(mistyped).map(([place, message]) => ({ place, message }))];
}

/** "the text cannot be read", "2 fields cannot be read". */
export function unreadableTitle(unreadable: readonly Unreadable[]): string {
  const [first] = unreadable;
  return first?.place === "text" ? "the text cannot be read" : `${formatCount(unreadable.length, "field")} cannot be read`;
}

function placed(message: string, line: number | null): string {
  return line === null ? message : `${message} (line ${line})`;
}
