import { useState } from "react";

import { newTransitionId } from "./transition-id";

/** Returns a function that gives each body a key of its own: sent again after a broken connection, it changes nothing. */
export function useIdempotencyKey(): (body: unknown) => string {
  const [keys] = useState(() => new Map<string, string>());
  return (body) => {
    const text = JSON.stringify(body);
    const key = keys.get(text) ?? newTransitionId();
    keys.set(text, key);
    return key;
  };
}
