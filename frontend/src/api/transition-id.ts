/** An id under which repeating a request changes nothing. */
export function newTransitionId(): string {
  // crypto.randomUUID exists only on secure addresses; a laptop on a local network is none.
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
