import type { QueryDetail } from "../../../api/types";

/** What a person may do with a query. */
export interface AnswerRights {
  /** What to say about it; empty where it is leased to the person. */
  text: string;
  canAnswer: boolean;
  /** Whether it is leased to the person, so that it can be skipped and given back. */
  isHeld: boolean;
  /** Whether it was skipped, and can be opened again. */
  isSkipped: boolean;
  /** Whether the person decides what becomes of it: two people skipped it, or independent answers are tied. */
  isDeciding: boolean;
}

/** Unfinished or refused work of a person, which the service keeps; undefined where there is none. */
export function draftOf(query: QueryDetail, author: string): QueryDetail["drafts"][number] | undefined {
  return query.drafts.find((draft) => draft.author === author);
}

/** What a person may do with a query; `mayDecide` is true of researchers. */
export function rightsOf(query: QueryDetail, author: string, mayDecide: boolean): AnswerRights {
  const isHeld = query.state === "leased" && query.author === author;
  const by = query.author ?? "somebody";
  const isDeciding = query.state === "in_review" && mayDecide && author !== "";
  const shared = { isHeld, isSkipped: query.state === "skipped", isDeciding };
  if (author === "") {
    return { ...shared, text: "Enter your name at the right, then you can answer.", canAnswer: false };
  }
  if (isHeld) {
    return { ...shared, text: "", canAnswer: true };
  }
  if (query.state === "open") {
    return { ...shared, text: "Nobody has this query. You can answer it as it is; “Next query” keeps one for you alone.", canAnswer: true };
  }
  if (query.state === "leased") {
    return { ...shared, text: `${by} is working on it.`, canAnswer: false };
  }
  if (query.state === "accepted") {
    const upload = query.author === author ? "becomes a new version" : "takes its place";
    return { ...shared, text: `${by} has answered it (version ${query.version}). To change that, choose Revise in the list of answers; a mask that you upload ${upload}.`, canAnswer: true };
  }
  if (query.state === "skipped") {
    return { ...shared, text: `${by} skipped it: ${query.message ?? "no reason given"}`, canAnswer: true };
  }
  if (query.state === "in_review") {
    return { ...shared, text: reviewText(query), canAnswer: isDeciding };
  }
  return { ...shared, text: "Its round does not wait for it any more.", canAnswer: false };
}

/** Why a query is in review. */
function reviewText({ version, assignments }: QueryDetail): string {
  const skips = assignments.filter(({ state }) => state === "skipped").map(({ author, reason }) => `${author} skipped it: ${reason ?? "no reason given"}`);
  return version > 0
    ? "Its independent answers are tied in places, which have no label in the answer below. A researcher accepts it so, or gives an answer."
    : `It waits for a researcher. ${skips.join("; ")}`;
}
