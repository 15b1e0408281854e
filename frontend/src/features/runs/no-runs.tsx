import { Button } from "@mantine/core";

import { EmptyState } from "../../components/empty-state";

/** What stands in place of the list when there is nothing in it. */
export function NoRuns({ isNarrowed, onWiden }: { isNarrowed: boolean; onWiden: () => void }) {
  return isNarrowed ? (
    <EmptyState title="No run fits these filters">
      <Button variant="default" size="xs" mt="xs" onClick={onWiden}>
        Show every run
      </Button>
    </EmptyState>
  ) : (
    <EmptyState title="No run yet">
      Launch one: each method has a preset <b>demo</b> that runs on two CPU cores in a few minutes and needs no dataset.
    </EmptyState>
  );
}
