const MOST_SEEDS = 200;

/** Seeds as typed, one by one or as ranges: "0-2, 7" -> 0, 1, 2, 7. Throws an Error that says what is wrong. */
export function parseSeeds(typed: string): number[] {
  const parts = typed.split(/[\s,]+/).filter((part) => part !== "");
  if (parts.length === 0) {
    throw new Error("give at least one seed, such as 0 or 0-2");
  }
  const seeds = parts.flatMap(seedsOfPart);
  const twice = seeds.find((seed, place) => seeds.indexOf(seed) !== place);
  if (twice !== undefined) {
    throw new Error(`seed ${twice} is there twice; equal seeds give equal runs`);
  }
  if (seeds.length > MOST_SEEDS) {
    throw new Error(`${seeds.length} seeds are too many at once; at most ${MOST_SEEDS}`);
  }
  return seeds;
}

function seedsOfPart(part: string): number[] {
  const match = /^(\d+)(?:-(\d+))?$/.exec(part);
  const first = Number(match?.[1]);
  const last = match?.[2] === undefined ? first : Number(match[2]);
  if (match === null || !Number.isSafeInteger(last)) {
    throw new Error(`${part} is no seed; write whole numbers such as 0, 1 or a range such as 0-4`);
  }
  if (last < first || last - first >= MOST_SEEDS) {
    throw new Error(`${part} is no range of at most ${MOST_SEEDS} seeds`);
  }
  return Array.from({ length: last - first + 1 }, (_, place) => first + place);
}

/** Seeds for a control: what was read, and why nothing could be. */
export interface Seeds {
  values: number[];
  fault: string | null;
}

/** The same as `parseSeeds`, for a control. */
export function readSeeds(typed: string): Seeds {
  try {
    return { values: parseSeeds(typed), fault: null };
  } catch (error) {
    return { values: [], fault: error instanceof Error ? error.message : String(error) };
  }
}
