import { Skeleton } from "@mantine/core";
import { lazy, Suspense } from "react";

import { RunPage } from "../features/run/run-page";

const RoundSection = lazy(async () => ({ default: (await import("../features/labelling/rounds/round-section")).RoundSection }));

/** The page of a run; of one that asks for labels with its rounds, which only then are fetched. */
export function RunRoute() {
  return <RunPage roundsOf={roundsOf} />;
}

function roundsOf(runId: string) {
  return (
    <Suspense fallback={<Skeleton height={320} aria-busy="true" />}>
      <RoundSection runId={runId} />
    </Suspense>
  );
}
