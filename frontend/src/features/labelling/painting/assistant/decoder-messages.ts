import type { Candidate } from "../../engine/candidate";
import type { ImageFit } from "../../engine/image-fit";
import type { Question } from "../../engine/question";

/** What the decoder answers a query's questions with. */
export interface DecoderFiles {
  decoderUrl: string;
  featuresUrl: string;
  hasHead: boolean;
  fit: ImageFit;
}

/** What the page sends to the worker; `number` comes back with the reply. */
export type ToWorker = { type: "open"; number: number; files: DecoderFiles } | { type: "ask"; number: number; question: Question };

/** What the worker sends to the page. */
export type FromWorker =
  | { type: "opened"; number: number }
  | { type: "answer"; number: number; candidates: readonly Candidate[] }
  | { type: "fault"; number: number; message: string };
