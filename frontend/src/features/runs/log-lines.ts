import type { LogEntry } from "../../api/types";

/** Lines that hold the words searched for; all of them where nothing is searched. */
export function matchingLines(lines: readonly LogEntry[], search: string): readonly LogEntry[] {
  const wanted = search.trim().toLowerCase();
  return wanted === "" ? lines : lines.filter((line) => line.text.toLowerCase().includes(wanted));
}

/** A line cut at the places that match, matching and other parts by turns; the first is never a match. */
export function splitAtMatches(text: string, search: string): string[] {
  const wanted = search.trim();
  if (wanted === "") {
    return [text];
  }
  const pattern = new RegExp(`(${wanted.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")})`, "gi");
  return text.split(pattern);
}
