import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";

import { serverNow } from "../../../api/server-clock";
import type { QueryDetail } from "../../../api/types";
import { queryToAnswer, renewLease } from "../labelling-queries";
import { onSigns } from "./signs-of-life";

const RENEWAL_MS = 60_000;

/** Seconds until a lease ends, by the service's clock; null for a query that the author has not leased.
 *
 * It is renewed every minute in which a key or the pointer was used: who has left lets others have it.
 */
export function useLease(query: QueryDetail, author: string): number | null {
  const client = useQueryClient();
  const isHeld = query.state === "leased" && query.author === author;
  const [now, setNow] = useState(serverNow);
  useEffect(() => {
    const timer = setInterval(() => setNow(serverNow()), 1000);
    return () => clearInterval(timer);
  }, []);
  useEffect(() => {
    if (!isHeld) {
      return;
    }
    let isActive = false;
    const stop = onSigns(() => {
      isActive = true;
    });
    const renew = () => {
      if (!isActive || document.visibilityState !== "visible") {
        return;
      }
      isActive = false;
      // Refused or unanswered: the query is loaded anew, and the page says what became of it.
      renewLease(query.id, author).then(
        (renewed) => client.setQueryData(queryToAnswer(query.id).queryKey, renewed),
        () => client.invalidateQueries({ queryKey: queryToAnswer(query.id).queryKey }),
      );
    };
    const timer = setInterval(renew, RENEWAL_MS);
    return () => {
      clearInterval(timer);
      stop();
    };
  }, [client, query.id, author, isHeld]);
  return isHeld && query.lease_until !== null ? Math.max(0, (Date.parse(query.lease_until) - now) / 1000) : null;
}
