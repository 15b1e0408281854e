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
      Launch one: the preset <b>demo</b> of each method runs on two CPU cores in a few minutes, without any data set.
    </EmptyState>
  );
}
