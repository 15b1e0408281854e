/** Brings the first control with a fault into view and gives it the focus; false where none is drawn. */
export function focusFirstFault(container: HTMLElement | null): boolean {
  const found = container?.querySelector<HTMLElement>('[aria-invalid="true"], [data-fault]');
  found?.focus({ preventScroll: true });
  found?.scrollIntoView({ block: "center" });
  return found != null;
}
