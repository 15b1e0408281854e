import { isObject, valueAt } from "../../../lib/json-pointer";
import type { Draft, JsonDocument } from "../draft";
import { laidOver } from "../laid-over";

/** Dataset and stream as the service will see them. */
export function wholeOf(draft: Draft, preset: unknown): { dataset: JsonDocument; stream: JsonDocument } {
  const part = (pointer: string) => laidOver(valueAt(preset, pointer), valueAt(draft.document, pointer));
  const [dataset, stream] = [part("/dataset"), part("/stream")];
  return { dataset: isObject(dataset) ? dataset : {}, stream: isObject(stream) ? stream : {} };
}
