const TICK_MS = 10_000;
/** Longer than browsers hold back the timers of a page that nobody sees. */
const SLEPT_MS = 90_000;

/** Calls back when the machine has slept, or its network has come back; returns what ends the watch. */
export function watchWake(onWake: () => void): () => void {
  let last = Date.now();
  const timer = setInterval(() => {
    const now = Date.now();
    const hasSlept = now - last > SLEPT_MS;
    last = now;
    if (hasSlept) {
      onWake();
    }
  }, TICK_MS);
  globalThis.addEventListener("online", onWake);
  return () => {
    clearInterval(timer);
    globalThis.removeEventListener("online", onWake);
  };
}
