import type { Cut } from "./image-fit";
import type { Question } from "./question";

/** A mask that the assistant offers. */
export interface Candidate {
  cut: Cut;
  /** Quality that the model expects, 0 to 1. */
  score: number;
  logits: Float32Array;
}

/** Answers a question; null where something newer was asked meanwhile. */
export type Ask = (question: Question) => Promise<readonly Candidate[] | null>;

/** A question and what it was answered. */
export interface Answer {
  question: Question;
  candidates: readonly Candidate[];
}
