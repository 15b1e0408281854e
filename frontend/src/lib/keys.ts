import { useEffect, useEffectEvent } from "react";

/** What is read from a key press; a part of KeyboardEvent. */
export type KeyPress = Pick<KeyboardEvent, "key" | "code" | "shiftKey" | "ctrlKey" | "metaKey" | "altKey"> &
  Partial<Pick<KeyboardEvent, "getModifierState">>;

/** Where keys act: on a page without an open dialog; in dialogs too; even while somebody types. */
export type KeyScope = "page" | "dialog" | "always";

const LATIN = /^[a-z]$/i;
const LETTER = /^\p{L}$/u;
const LETTER_KEY = /^Key([A-Z])$/;
const DIGIT_KEY = /^Digit([0-9])$/;
/** Signs by the keys that have them on most keyboards. */
const SIGN_KEYS: Readonly<Record<string, string>> = { BracketLeft: "[", BracketRight: "]", Comma: ",", Period: ".", Slash: "/" };
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
  return named(press, letter ?? press.key, press.shiftKey && !isSign);
}

/** All names of a key press, the one that counts first.
 *
 * Where a keyboard has no digits or brackets of its own, as French and Russian ones, the key at their place has that name too.
 */
export function keyNames(press: KeyPress): readonly string[] {
  const name = keyName(press);
  const placed = press.shiftKey ? undefined : (DIGIT_KEY.exec(press.code)?.[1] ?? SIGN_KEYS[press.code]);
  const isPrinted = placed === undefined || placed === press.key || LATIN.test(press.key);
  return isPrinted ? [name] : [name, named(press, placed, false)];
}

function named(press: KeyPress, name: string, hasShift: boolean): string {
  // AltGr, which types signs on many keyboards, is told as Control and Alt.
  const isTyping = press.getModifierState?.("AltGraph") === true;
  const mod = !isTyping && (press.ctrlKey || press.metaKey) ? "mod" : "";
  const parts = [mod, !isTyping && press.altKey ? "alt" : "", hasShift ? "shift" : "", name];
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
    const names = keyNames(event);
    const name = names.find((one) => actions[one] !== undefined) ?? "";
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
export function isTaken(target: EventTarget | null, name: string, scope: KeyScope): boolean {
  if (scope === "always") {
    return false;
  }
  if (scope === "page" && document.querySelector("[aria-modal=true]") !== null) {
    return true;
  }
  const used = name.includes("Arrow") ? `${MOVED_BY_ARROWS}, ${TYPED_INTO}` : name === "Enter" ? `${PRESSED_BY_ENTER}, ${TYPED_INTO}` : TYPED_INTO;
  return target instanceof Element && target.closest(used) !== null;
}
