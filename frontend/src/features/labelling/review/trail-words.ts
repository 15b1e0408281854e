import { formatCount } from "../../../lib/format";
import { queryStateWord } from "../queries/query-words";
import type { AuditEntry } from "./review-queries";

const DONE: Readonly<Record<Exclude<AuditEntry["what"], "moved">, string>> = {
  answered: "answered",
  drafted: "saved a draft",
  commented: "commented",
  frozen: "frozen",
  used: "trained on",
};

/** What happened, such as "answered, version 2, 812 pixels". */
export function eventText({ what, state, version, pixels }: AuditEntry): string {
  const done = what === "moved" ? queryStateWord(state ?? "") : DONE[what];
  const numbers = [version == null ? "" : `version ${version}`, pixels == null ? "" : formatCount(pixels, "pixel")];
  return [done, ...numbers.filter((text) => text !== "")].join(", ");
}

/** Who did it, without the kind of the name. */
export function whoText(who: string): string {
  return who.replace(/^user:/, "");
}
