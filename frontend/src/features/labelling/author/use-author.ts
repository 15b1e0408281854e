import { useLocalStorage } from "@mantine/hooks";

import { usePerson } from "../../../api/session";

const KEY = "palimpsest.author";

/** The name under which a person labels: that of the account, else one that is asked for once and kept in this browser. */
export function useAuthor(): { author: string; typed: string; setAuthor: (name: string) => void } {
  const account = usePerson()?.name;
  const [typed, setAuthor] = useLocalStorage({ key: KEY, defaultValue: "", getInitialValueInEffect: false });
  return { author: account ?? typed.trim(), typed: account ?? typed, setAuthor };
}
