import { formatMoment, formatNumber, formatPercent } from "../../../lib/format";

/** Queries by state, as the service counts them. */
export type CountsByState = Readonly<Record<string, number>>;

/** States in the order of a query's way, with what they are called. */
const STATE_WORDS: readonly [string, string][] = [
  ["open", "open"],
  ["leased", "being labelled"],
  ["submitted", "submitted"],
  ["in_review", "in review"],
  ["accepted", "answered"],
  ["rejected", "sent back"],
  ["skipped", "skipped"],
  ["withdrawn", "back in the pool"],
];

/** What a state of a query is called. */
export function queryStateWord(state: string): string {
  return STATE_WORDS.find(([known]) => known === state)?.[1] ?? state;
}

/** "12 answered, 3 open": what there is, in the order of a query's way. */
export function countsText(counts: CountsByState): string {
  const said = STATE_WORDS.filter(([state]) => (counts[state] ?? 0) > 0).map(
    ([state, word]) => `${formatNumber(counts[state] ?? 0)} ${word}`,
  );
  return said.length === 0 ? "no query" : said.join(", ");
}

/** All queries of a round. */
export function allQueries(counts: CountsByState): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

const UNANSWERED: readonly string[] = ["open", "leased", "submitted", "in_review", "rejected"];

/** The states that the round waits for, with their queries. */
export function unansweredCounts(counts: CountsByState): CountsByState {
  return Object.fromEntries(Object.entries(counts).filter(([state]) => UNANSWERED.includes(state)));
}

/** Queries that the round waits for. */
export function unanswered(counts: CountsByState): number {
  return allQueries(unansweredCounts(counts));
}

/** How a round ends: "closes by itself when nothing is left to answer". */
export function ruleText(rule: { share: number; deadline: string | null; closes_by_hand: boolean }): string {
  if (rule.closes_by_hand) {
    return "closes only by hand, because it was complete when it was opened again";
  }
  const enough = rule.share < 1 ? `${formatPercent(rule.share)} % of the queries are answered` : "nothing is left to answer";
  return `closes by itself when ${enough}${rule.deadline === null ? "" : `, or on ${formatMoment(rule.deadline)} if something is answered`}`;
}
