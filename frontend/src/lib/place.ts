/** What the service writes into the head of the page that it delivers. */
function told(name: string): string {
  // Logic is tested without a document.
  const page = (globalThis as { document?: Document }).document;
  return page?.querySelector(`meta[name="palimpsest-${name}"]`)?.getAttribute("content") ?? "";
}

/** Path below which the service lies, such as `/palimpsest`; empty for the root. */
export const BASE = told("base");

/** Whether people sign in. */
export function hasAccounts(): boolean {
  return told("accounts") === "on";
}

/** An address of the service, as its answers name it, where this page reaches it. */
export function at(address: string): string {
  return address.startsWith("/") ? BASE + address : address;
}
