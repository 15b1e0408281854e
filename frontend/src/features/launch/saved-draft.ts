import { isObject } from "../../lib/json-pointer";

/** Everything that was typed into a launch form. */
export interface SavedDraft {
  text: string;
  name: string;
  tags: string[];
  notes: string;
  seeds: string;
}

const PREFIX = "palimpsest.launch.";

/** What was typed before the page was left or loaded anew; null where there is nothing. */
export function savedDraft(origin: string): SavedDraft | null {
  try {
    const found: unknown = JSON.parse(sessionStorage.getItem(PREFIX + origin) ?? "null");
    return isSavedDraft(found) ? found : null;
  } catch {
    // No storage, or not what this page wrote: nothing to bring back.
    return null;
  }
}

/** Keep what is typed for as long as the browser's tab is open. */
export function saveDraft(origin: string, draft: SavedDraft): void {
  try {
    sessionStorage.setItem(PREFIX + origin, JSON.stringify(draft));
  } catch {
    // Without storage the form works; it only forgets.
  }
}

/** Forget what was typed: it was launched, or is to begin anew. */
export function forgetDraft(origin: string): void {
  try {
    sessionStorage.removeItem(PREFIX + origin);
  } catch {
    // Nothing was kept.
  }
}

function isSavedDraft(value: unknown): value is SavedDraft {
  const isText = (key: string) => isObject(value) && typeof value[key] === "string";
  return (
    isObject(value) &&
    ["text", "name", "notes", "seeds"].every(isText) &&
    Array.isArray(value.tags) &&
    value.tags.every((tag) => typeof tag === "string")
  );
}
