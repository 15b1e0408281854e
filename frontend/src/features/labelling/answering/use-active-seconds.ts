import { useEffect, useState } from "react";

import { ActiveClock } from "./active-clock";

const TICK_MS = 1000;
const SIGNS = ["keydown", "pointerdown", "pointermove", "wheel"] as const;

/** Counts the active seconds since it was mounted. */
export function useActiveSeconds(): number {
  const [seconds, setSeconds] = useState(0);
  useEffect(() => {
    const clock = new ActiveClock(Date.now());
    const onSign = () => clock.sign(Date.now());
    const timer = setInterval(() => {
      clock.tick(Date.now(), document.visibilityState === "visible");
      setSeconds(clock.seconds);
    }, TICK_MS);
    SIGNS.forEach((type) => document.addEventListener(type, onSign, { passive: true }));
    return () => {
      clearInterval(timer);
      SIGNS.forEach((type) => document.removeEventListener(type, onSign));
    };
  }, []);
  return seconds;
}
