/** Raw class ids of each step, in learning order. */
export type Steps = readonly (readonly number[])[];

/** Where a class is: the number of a step, or null for no step. */
export type Place = number | null;

/** Steps as a document has them; null where it has something else. */
export function readSteps(value: unknown): Steps | null {
  const isStep = (step: unknown): step is number[] => Array.isArray(step) && step.every((id) => Number.isInteger(id));
  return Array.isArray(value) && value.every(isStep) ? value : null;
}

/** The steps with classes taken from wherever they are and appended to one step, or to none. */
export function withMoved(steps: Steps, ids: readonly number[], target: Place): Steps {
  const moved = new Set(ids);
  return steps.map((step, index) => {
    const kept = step.filter((id) => !moved.has(id));
    return index === target ? [...kept, ...moved] : kept;
  });
}

/** The steps with an empty one at the end. */
export function withAddedStep(steps: Steps): Steps {
  return [...steps, []];
}

/** The steps without one of them; its classes are then in no step. */
export function withoutStep(steps: Steps, index: number): Steps {
  return steps.filter((_, place) => place !== index);
}

/** "15-1": so many classes first, then so many a step, in the given order; the last step takes what is left. */
export function firstThenEach(ids: readonly number[], first: number, each: number): Steps {
  const steps = [ids.slice(0, first)];
  for (let start = first; start < ids.length; start += each) {
    steps.push(ids.slice(start, start + each));
  }
  return steps.filter((step) => step.length > 0);
}

/** The step that a class is in; the first where it is in several. */
export function placeOf(steps: Steps, id: number): Place {
  const index = steps.findIndex((step) => step.includes(id));
  return index === -1 ? null : index;
}

/** Classes of the dataset that no step learns. */
export function leftOut(steps: Steps, ids: readonly number[]): number[] {
  const learned = new Set(steps.flat());
  return ids.filter((id) => !learned.has(id));
}

/** Classes that are in two steps, or twice in one. */
export function classesTwice(steps: Steps): ReadonlySet<number> {
  const all = steps.flat();
  return new Set(all.filter((id, place) => all.indexOf(id) !== place));
}

/** Classes in the order in which the editor shows them: step by step, then those of no step. */
export function inShownOrder(steps: Steps, ids: readonly number[]): number[] {
  return [...new Set([...steps.flat(), ...leftOut(steps, ids)])];
}

/** The place before or after another; those of no step stand behind the last step. */
export function neighbour(place: Place, by: 1 | -1, numSteps: number): Place {
  const row = (place ?? numSteps) + by;
  return row >= numSteps ? null : Math.max(0, row);
}
