import { useEffect, useEffectEvent } from "react";

/** What is read from a key press; a part of KeyboardEvent. */
export type KeyPress = Pick<KeyboardEvent, "key" | "code" | "shiftKey" | "ctrlKey" | "metaKey" | "altKey">;

/** Where keys act: on a page without an open dialog; in dialogs too; even while somebody types. */
export type KeyScope = "page" | "dialog" | "always";

const LATIN = /^[a-z]$/i;
const LETTER = /^\p{L}$/u;
const LETTER_KEY = /^Key([A-Z])$/;
const TYPED_INTO = "input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]";
/** Controls that the arrow keys move themselves. */
const MOVED_BY_ARROWS = "input, [role=slider], [role=tab], [role=option]";
const PRESSED_BY_ENTER = "a, button, summary";

/** The name of a key press: "c", "shift+c", "mod+Enter", "ArrowLeft", "/".
 *
 * Caps Lock changes nothing. A letter of another script counts as the Latin letter that the same key has; a sign is
 * named as it is printed, with or without the Shift that some keyboards need for it.
 */
export function keyName(press: KeyPress): string {
  const letter = latinLetter(press);
  const isSign = letter === null && press.key.length === 1;
  const name = letter ?? press.key;
  const parts = [press.ctrlKey || press.metaKey ? "mod" : "", press.altKey ? "alt" : "", press.shiftKey && !isSign ? "shift" : "", name];
  return parts.filter((part) => part !== "").join("+");
}

function latinLetter({ key, code }: KeyPress): string | null {
  if (LATIN.test(key)) {
    return key.toLowerCase();
  }
  return LETTER.test(key) ? (LETTER_KEY.exec(code)?.[1]?.toLowerCase() ?? null) : null;
}

/** Let keys act while a component is shown; `actions` maps names as `keyName` gives them. */
export function useKeys(actions: Readonly<Record<string, ((event: KeyboardEvent) => void) | undefined>>, scope: KeyScope = "page"): void {
  const press = useEffectEvent((event: KeyboardEvent) => {
    const name = keyName(event);
    const action = actions[name];
    if (action === undefined || event.defaultPrevented || event.isComposing || isTaken(event.target, name, scope)) {
      return;
    }
    event.preventDefault();
    action(event);
  });
  useEffect(() => {
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  }, []);
}

/** Whether a key press is meant for something else: a field, a control that has the focus, or an open dialog. */
function isTaken(target: EventTarget | null, name: string, scope: KeyScope): boolean {
  if (scope === "always") {
    return false;
  }
  if (scope === "page" && document.querySelector("[aria-modal=true]") !== null) {
    return true;
  }
  const used = name.startsWith("Arrow") ? `${MOVED_BY_ARROWS}, ${TYPED_INTO}` : name === "Enter" ? `${PRESSED_BY_ENTER}, ${TYPED_INTO}` : TYPED_INTO;
  return target instanceof Element && target.closest(used) !== null;
}
