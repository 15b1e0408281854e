/** What lies at an address of the service; throws an Error that names the address where nothing can be had. */
export async function fetchBytes(address: string, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
  const answer = await fetch(address, signal === undefined ? {} : { signal });
  if (!answer.ok) {
    throw new Error(`${address} could not be loaded: the service answered ${answer.status}`);
  }
  return new Uint8Array(await answer.arrayBuffer());
}
