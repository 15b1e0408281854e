import { useEffect, useState } from "react";

import { serverNow } from "../../api/server-clock";
import { formatDuration, NOTHING } from "../../lib/format";

/** Time between two moments of the service's clock; while there is no end it grows. */
export function Elapsed({ start, end }: { start: string | null; end: string | null }) {
  const [now, setNow] = useState(serverNow);
  const isGrowing = start !== null && end === null;
  useEffect(() => {
    if (!isGrowing) {
      return;
    }
    const timer = setInterval(() => setNow(serverNow()), 1000);
    return () => clearInterval(timer);
  }, [isGrowing]);
  if (start === null) {
    return NOTHING;
  }
  return formatDuration(((end === null ? now : Date.parse(end)) - Date.parse(start)) / 1000);
}
