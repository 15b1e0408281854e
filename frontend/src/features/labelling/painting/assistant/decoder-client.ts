import type { Candidate } from "../../engine/candidate";
import type { Question } from "../../engine/question";
import type { DecoderFiles, FromWorker, ToWorker } from "./decoder-messages";

/** What a worker is to the page. */
export type DecoderWorker = Pick<Worker, "postMessage" | "terminate" | "onmessage" | "onerror">;

/** Files that take longer than this are given up. */
export const OPEN_LIMIT_S = 60;
const ASK_LIMIT_S = 30;

interface Awaited {
  resolve: (message: FromWorker) => void;
  reject: (error: Error) => void;
}

/** Talks to the worker that decodes; after a fault there is a new worker with the next `open`. */
export class DecoderClient {
  private worker: DecoderWorker | null = null;
  private number = 0;
  private readonly awaited = new Map<number, Awaited>();
  /** The question that waits until the one before is answered; a newer one takes its place. */
  private next: { question: Question; resolve: (candidates: readonly Candidate[] | null) => void; reject: (error: Error) => void } | null = null;
  private isAsking = false;

  /** @param make starts the worker; it is first called when the assistant is used. */
  constructor(private readonly make: () => DecoderWorker) {}

  /** Load the decoder and an image; throws an Error that says what is missing or slow. */
  async open(files: DecoderFiles): Promise<void> {
    await this.send({ type: "open", number: ++this.number, files }, OPEN_LIMIT_S, "its files did not come");
  }

  /** The masks of a question; null where a newer one took its place. */
  ask(question: Question): Promise<readonly Candidate[] | null> {
    return new Promise((resolve, reject) => {
      this.next?.resolve(null);
      this.next = { question, resolve, reject };
      void this.askNext();
    });
  }

  private async askNext(): Promise<void> {
    const { next } = this;
    if (this.isAsking || next === null) {
      return;
    }
    this.next = null;
    this.isAsking = true;
    try {
      const answer = await this.send({ type: "ask", number: ++this.number, question: next.question }, ASK_LIMIT_S, "it did not answer");
      next.resolve(answer.type === "answer" ? answer.candidates : []);
    } catch (error) {
      next.reject(error instanceof Error ? error : new Error(String(error)));
    } finally {
      this.isAsking = false;
      void this.askNext();
    }
  }

  private send(message: ToWorker, limitS: number, late: string): Promise<FromWorker> {
    const worker = (this.worker ??= this.started());
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.end(new Error(`${late} within ${limitS} s`)), limitS * 1000);
      const settled = <Value>(settle: (value: Value) => void) => (value: Value) => {
        clearTimeout(timer);
        settle(value);
      };
      this.awaited.set(message.number, { resolve: settled(resolve), reject: settled(reject) });
      worker.postMessage(message);
    });
  }

  private started(): DecoderWorker {
    const worker = this.make();
    worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
      const awaited = this.awaited.get(data.number);
      this.awaited.delete(data.number);
      if (data.type === "fault") {
        awaited?.reject(new Error(data.message));
      } else {
        awaited?.resolve(data);
      }
    };
    // A file that is missing is told by a plain event, which has no message.
    worker.onerror = ({ message }: { message?: string }) =>
      this.end(new Error(message === undefined || message === "" ? "its program could not be loaded" : message));
    return worker;
  }

  /** End the worker; whatever is awaited fails. */
  private end(error: Error): void {
    this.worker?.terminate();
    this.worker = null;
    const lost = [...this.awaited.values()];
    this.awaited.clear();
    lost.forEach(({ reject }) => reject(error));
  }
}

/** The decoder of this page; its worker lives on from query to query, so that a decoder is loaded once. */
export const decoderClient = new DecoderClient(() => new Worker(new URL("./decoder.worker.ts", import.meta.url), { type: "module", name: "assistant" }));
