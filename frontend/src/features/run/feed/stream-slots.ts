/** Streams that all tabs of a browser have open together: it gives a service six connections, and pages need some of them to ask. */
const SLOTS = ["stream-1", "stream-2", "stream-3"];

/** Gives a slot back. */
export type Release = () => void;

/** Take one of the slots that the tabs share; null where all are taken. A closed tab gives its slot back by itself. */
export async function takeSlot(): Promise<Release | null> {
  const { locks } = navigator as { locks?: LockManager };
  if (locks === undefined) {
    // A page of a plain HTTP address on another machine has no locks: there hidden tabs alone go without a stream.
    return () => undefined;
  }
  for (const name of SLOTS) {
    const release = await takeLock(locks, name);
    if (release !== null) {
      return release;
    }
  }
  return null;
}

function takeLock(locks: LockManager, name: string): Promise<Release | null> {
  return new Promise((settle, fail) => {
    const held = locks.request(`palimpsest-${name}`, { ifAvailable: true }, (lock) => {
      if (lock === null) {
        settle(null);
        return undefined;
      }
      return new Promise<void>((release) => settle(release));
    });
    held.catch(fail);
  });
}
