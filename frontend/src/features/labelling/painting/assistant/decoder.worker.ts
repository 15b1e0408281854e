/// <reference lib="webworker" />
import { env, InferenceSession, Tensor } from "onnxruntime-web/wasm";
import loaderUrl from "onnxruntime-web/ort-wasm-simd-threaded.mjs?url";
import wasmUrl from "onnxruntime-web/ort-wasm-simd-threaded.wasm?url";

import type { Candidate } from "../../engine/candidate";
import { readFeatures } from "../../engine/features-file";
import { cutOf } from "../../engine/image-fit";
import { candidateOrder, pointTokens, type Question } from "../../engine/question";
import { fetchBytes } from "../fetch-bytes";
import type { DecoderFiles, FromWorker, ToWorker } from "./decoder-messages";

const MOST_THREADS = 4;

// Threads need memory that a page shares with its workers, which browsers give isolated pages alone.
env.wasm.numThreads = self.crossOriginIsolated ? Math.min(MOST_THREADS, navigator.hardwareConcurrency) : 1;
env.wasm.wasmPaths = { wasm: new URL(wasmUrl, self.location.href).href, mjs: new URL(loaderUrl, self.location.href).href };
env.logLevel = "error";

interface Opened {
  files: DecoderFiles;
  features: Record<string, Tensor>;
  maskPx: number;
}

let decoder: { digest: string; session: InferenceSession } | null = null;
let opened: Opened | null = null;

self.onmessage = ({ data }: MessageEvent<ToWorker>) => {
  void reply(data);
};

async function reply(message: ToWorker): Promise<void> {
  const { number } = message;
  try {
    if (message.type === "open") {
      await open(message.files);
      post({ type: "opened", number });
    } else {
      const candidates = await answer(message.question);
      post({ type: "answer", number, candidates }, candidates.flatMap(({ cut, logits }) => [cut.bits.buffer, logits.buffer]));
    }
  } catch (error) {
    post({ type: "fault", number, message: error instanceof Error ? error.message : String(error) });
  }
}

function post(message: FromWorker, transfer: Transferable[] = []): void {
  self.postMessage(message, { transfer });
}

async function open(files: DecoderFiles): Promise<void> {
  opened = null;
  const [session, content] = await Promise.all([sessionOf(files.decoderUrl), fetchBytes(files.featuresUrl)]);
  const features: Record<string, Tensor> = {};
  for (const [name, { shape, values }] of readFeatures(content.buffer)) {
    features[name] = new Tensor("float32", values, shape);
  }
  const mask = session.inputMetadata.find(({ name }) => name === "mask");
  const side = mask?.isTensor === true ? mask.shape.at(-1) : undefined;
  if (typeof side !== "number") {
    throw new Error("the decoder takes no mask: it is of another kind");
  }
  opened = { files, features, maskPx: side };
}

/** The decoder's session; queries with the same adapter share it, though their addresses differ. */
async function sessionOf(address: string): Promise<InferenceSession> {
  const digest = new URL(address, self.location.href).searchParams.get("sha256") ?? address;
  if (decoder?.digest !== digest) {
    await decoder?.session.release();
    decoder = null;
    const session = await InferenceSession.create(await fetchBytes(address), { executionProviders: ["wasm"], graphOptimizationLevel: "all" });
    decoder = { digest, session };
  }
  return decoder.session;
}

async function answer(question: Question): Promise<readonly Candidate[]> {
  if (decoder === null || opened === null) {
    throw new Error("no image is opened");
  }
  const { files, features, maskPx } = opened;
  const { places, labels } = pointTokens(question, files.fit);
  const mask = question.mask ?? new Float32Array(maskPx * maskPx);
  const { logits, scores } = await decoder.session.run({
    ...features,
    places: new Tensor("float32", places, [1, labels.length, 2]),
    labels: new Tensor("float32", labels, [1, labels.length]),
    mask: new Tensor("float32", mask, [1, 1, maskPx, maskPx]),
    has_mask: new Tensor("float32", [question.mask === null ? 0 : 1], [1]),
  });
  const [values, expected] = [logits?.data as Float32Array, [...(scores?.data as Float32Array)]];
  return candidateOrder(expected, question, files.hasHead).flatMap((place) => {
    const own = values.slice(place * maskPx * maskPx, (place + 1) * maskPx * maskPx);
    const cut = cutOf(own, files.fit);
    return cut === null ? [] : [{ cut, logits: own, score: Math.min(1, Math.max(0, expected[place] ?? 0)) }];
  });
}
