import type { QueryDetail } from "../../../api/types";

/** How a query stands towards the person at the desk. */
export interface Standing {
  /** What to say about it; empty where it is leased to the person. */
  text: string;
  canAnswer: boolean;
  /** Whether it is leased to the person, so that it can be skipped and given back. */
  isHeld: boolean;
  /** Whether it was skipped, and can be asked again. */
  isSkipped: boolean;
}

/** Unfinished or refused work of a person, which the service keeps; undefined where there is none. */
export function draftOf(query: QueryDetail, author: string): QueryDetail["drafts"][number] | undefined {
  return query.drafts.find((draft) => draft.author === author);
}

/** What a person may do with a query. */
export function standingOf(query: QueryDetail, author: string): Standing {
  const isHeld = query.state === "leased" && query.author === author;
  const by = query.author ?? "somebody";
  const shared = { isHeld, isSkipped: query.state === "skipped" };
  if (author === "") {
    return { ...shared, text: "Say who you are, then it can be answered.", canAnswer: false };
  }
  if (isHeld) {
    return { ...shared, text: "", canAnswer: true };
  }
  if (query.state === "open") {
    return { ...shared, text: "Nobody has leased it. It can be answered all the same, unless somebody is quicker.", canAnswer: true };
  }
  if (query.state === "leased") {
    return { ...shared, text: `${by} has it.`, canAnswer: false };
  }
  if (query.state === "accepted") {
    const place = query.author === author ? "becomes a new version" : "takes its place";
    return { ...shared, text: `${by} has answered it, version ${query.version}. Another answer ${place}.`, canAnswer: true };
  }
  if (query.state === "skipped") {
    return { ...shared, text: `${by} has skipped it: ${query.message ?? "no reason given"}`, canAnswer: true };
  }
  return { ...shared, text: "It is not asked any more.", canAnswer: false };
}
