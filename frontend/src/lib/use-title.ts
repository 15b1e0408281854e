import { useEffect } from "react";

/** Names the browser's tab; null leaves the name to a part of the page. */
export function useTitle(title: string | null): void {
  useEffect(() => {
    if (title !== null) {
      document.title = `${title} · Palimpsest`;
    }
  }, [title]);
}
