import { Anchor } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";

import { modelTestsQuery } from "../../../api/queries";
import type { StageSummary } from "../../../api/types";

/** Leads to a launch that tests the model of a finished training on other data. */
export function TestLink({ stage }: { stage: StageSummary }) {
  const hasModel = stage.kind === "train" && stage.state === "succeeded";
  const tests = useQuery({ ...modelTestsQuery(stage.run_id), enabled: hasModel });
  return hasModel && tests.data?.can_test === true ? (
    <Anchor component={Link} to={`/launch?test=${stage.id}`} size="xs">
      Test on other data…
    </Anchor>
  ) : null;
}
