const SIGNS = ["keydown", "pointerdown", "pointermove", "wheel"] as const;

/** Call back at each sign that somebody is there: a key, or the pointer; returns how to stop it. */
export function onSigns(callback: () => void): () => void {
  SIGNS.forEach((type) => document.addEventListener(type, callback, { passive: true }));
  return () => SIGNS.forEach((type) => document.removeEventListener(type, callback));
}
