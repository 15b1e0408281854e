/** The two smallest seeds that have no run yet, as they are typed. */
export function nextSeeds(taken: readonly number[]): string {
  const used = new Set(taken);
  const free: number[] = [];
  for (let seed = 0; free.length < 2; seed += 1) {
    if (!used.has(seed)) {
      free.push(seed);
    }
  }
  return free.join(", ");
}
