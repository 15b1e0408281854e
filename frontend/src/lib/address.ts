import { useSearchParams } from "react-router";

/** A copy of the address with these values; null takes one away, undefined leaves it as it is. */
export function withValues(params: URLSearchParams, values: Record<string, string | number | null | undefined>): URLSearchParams {
  const next = new URLSearchParams(params);
  for (const [name, value] of Object.entries(values)) {
    if (value === null) {
      next.delete(name);
    } else if (value !== undefined) {
      next.set(name, String(value));
    }
  }
  return next;
}

/** Returns a function that writes values into the address: the page stays where it is, and Back leaves it. */
export function useSetAddress(): (values: Record<string, string | number | null | undefined>) => void {
  const [, setParams] = useSearchParams();
  return (values) => setParams((now) => withValues(now, values), { replace: true, preventScrollReset: true });
}

/** One value of the view, kept in the address; the fallback is left out, and takes the place of what is not known. */
export function useAddressed<Value extends string>(
  name: string,
  fallback: NoInfer<Value>,
  known: readonly Value[],
): [Value, (value: Value) => void] {
  const [params] = useSearchParams();
  const set = useSetAddress();
  const value = known.find((one) => one === params.get(name)) ?? fallback;
  return [value, (chosen) => set({ [name]: chosen === fallback ? null : chosen })];
}
