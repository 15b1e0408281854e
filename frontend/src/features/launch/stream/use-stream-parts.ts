import { useDebouncedValue } from "@mantine/hooks";
import { useMemo } from "react";

import type { Draft } from "../draft";
import { useStreamPreview } from "../launch-queries";
import { wholeOf } from "./whole-of";

const PREVIEW_WAIT_MS = 250;

/** Dataset and stream as the service will see them, and its preview of them a moment after they change. */
export function useStreamParts(draft: Draft, preset: unknown) {
  const whole = useMemo(() => wholeOf(draft, preset), [draft, preset]);
  const [asked] = useDebouncedValue(whole, PREVIEW_WAIT_MS);
  const preview = useStreamPreview(asked.dataset, asked.stream);
  const imagesOf = (domain: string) => preview.data?.steps.find((step) => step.domain === domain)?.images ?? null;
  return { whole, asked, preview, imagesOf };
}
