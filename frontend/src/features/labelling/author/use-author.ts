import { useLocalStorage } from "@mantine/hooks";

const KEY = "palimpsest.author";

/** The name under which a person labels; asked for once, and kept in this browser. */
export function useAuthor(): { author: string; typed: string; setAuthor: (name: string) => void } {
  const [typed, setAuthor] = useLocalStorage({ key: KEY, defaultValue: "", getInitialValueInEffect: false });
  return { author: typed.trim(), typed, setAuthor };
}
