/** The address of a small copy of what is shown of a query. */
export function smallCopy(address: string): string {
  return `${address}${address.includes("?") ? "&" : "?"}size=thumbnail`;
}
