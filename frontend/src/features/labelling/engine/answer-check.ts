import { componentsOf } from "./components";
import type { LabelMap } from "./label-map";
import { SOURCE } from "./label-map";
import type { Rect } from "./rect";

/** Components of fewer pixels are named before an answer is sent. */
export const TINY_PX = 16;

export interface AnswerFault {
  kind: "unlabelled" | "tiny";
  id: number;
  pixels: number;
  /** Where to look. */
  rect: Rect;
}

/** What an answer lacks: queried pixels without a class, the largest places first, then islands that look like slips.
 *
 * @param queried 1 where a pixel is queried; null = everywhere.
 */
export function answerFaults(map: LabelMap, queried: Uint8Array | null): AnswerFault[] {
  const components = componentsOf(map, queried).sort((one, other) => other.pixels - one.pixels);
  const unlabelled = components.filter(({ id }) => id === map.ignoreId);
  const tiny = components.filter(({ id, pixels }) => id !== map.ignoreId && pixels < TINY_PX);
  return [
    ...unlabelled.map(({ id, pixels, rect }) => ({ kind: "unlabelled" as const, id, pixels, rect })),
    ...tiny.map(({ id, pixels, rect }) => ({ kind: "tiny" as const, id, pixels, rect })),
  ];
}

export interface Shares {
  person: number;
  model: number;
  assisted: number;
  unlabelled: number;
}

/** Queried pixels by who labelled them. */
export function sharesOf(map: LabelMap, queried: Uint8Array | null): Shares {
  const counts = new Uint32Array(4);
  let unlabelled = 0;
  map.ids.forEach((id, at) => {
    if (queried === null || queried[at] === 1) {
      const source = map.sources[at] ?? SOURCE.none;
      counts[source] = (counts[source] ?? 0) + 1;
      unlabelled += id === map.ignoreId ? 1 : 0;
    }
  });
  const [, model = 0, person = 0, assisted = 0] = counts;
  return { person, model, assisted, unlabelled };
}
