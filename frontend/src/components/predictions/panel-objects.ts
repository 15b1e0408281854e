import { queryOptions } from "@tanstack/react-query";

import { errorOfAnswer } from "../../api/api-error";
import type { PanelObject, PanelObjects, PredictionClass } from "../../api/types";
import { formatCount } from "../../lib/format";

/** Of every object of no known class. */
export const UNKNOWN_COLOUR = "#d400d4";
const NAMELESS_COLOUR = "#808080";

/** The objects of an image; what lies at such an address never changes. */
export function objectsQuery(address: string) {
  return queryOptions({
    queryKey: ["panel-objects", address] as const,
    staleTime: Infinity,
    queryFn: async ({ signal }) => {
      const answer = await fetch(new Request(new URL(address, globalThis.location.origin), { signal }));
      const content: unknown = await answer.json();
      if (!answer.ok) {
        throw errorOfAnswer(content, answer);
      }
      return content as PanelObjects;
    },
  });
}

/** What an object is called: its class, and whether the model knows it. */
export function nameOf(object: PanelObject, classes: readonly PredictionClass[]): string {
  if (object.class_id === null) {
    return "unknown";
  }
  const name = classes.find(({ id }) => id === object.class_id)?.name ?? `class ${object.class_id}`;
  const notes = [object.is_unknown && "unknown", object.is_crowd && "crowd"].filter((note) => note !== false);
  return notes.length === 0 ? name : `${name} (${notes.join(", ")})`;
}

/** The name, and how sure the model is. */
export function labelOf(object: PanelObject, classes: readonly PredictionClass[]): string {
  const name = nameOf(object, classes);
  return object.score === null ? name : `${name} ${object.score.toFixed(2)}`;
}

/** The colour of an object's class, one for all that are unknown. */
export function colourOfObject(object: PanelObject, classes: readonly PredictionClass[]): string {
  return object.is_unknown ? UNKNOWN_COLOUR : (classes.find(({ id }) => id === object.class_id)?.colour ?? NAMELESS_COLOUR);
}

/** How many objects there are, and how many of them are unknown. */
export function countText(objects: readonly PanelObject[]): string {
  const unknown = objects.filter(({ is_unknown }) => is_unknown).length;
  return unknown === 0 ? formatCount(objects.length, "object") : `${formatCount(objects.length, "object")}, ${unknown} unknown`;
}

/** Large objects first, so that a small one in front of a large one stays visible. */
export function fromLargest(objects: readonly PanelObject[]): PanelObject[] {
  const area = ({ box: [x0, y0, x1, y1] }: PanelObject) => (x1 - x0) * (y1 - y0);
  return [...objects].sort((a, b) => area(b) - area(a));
}
