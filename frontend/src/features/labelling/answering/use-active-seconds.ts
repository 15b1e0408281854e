import { useEffect, useState } from "react";

import { ActiveClock } from "./active-clock";
import { onSigns } from "./signs-of-life";

const TICK_MS = 1000;

/** Counts the active seconds since it was mounted. */
export function useActiveSeconds(): number {
  const [seconds, setSeconds] = useState(0);
  useEffect(() => {
    const clock = new ActiveClock(Date.now());
    const timer = setInterval(() => {
      clock.tick(Date.now(), document.visibilityState === "visible");
      setSeconds(clock.seconds);
    }, TICK_MS);
    const stop = onSigns(() => clock.sign(Date.now()));
    return () => {
      clearInterval(timer);
      stop();
    };
  }, []);
  return seconds;
}
