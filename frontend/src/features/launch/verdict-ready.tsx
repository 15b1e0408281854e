import { Alert, Anchor, List, Loader, Text } from "@mantine/core";
import { Link } from "react-router";

import type { ExperimentVerdict } from "../../api/types";
import { Icon } from "../../components/icon";
import { formatCount } from "../../lib/format";

/** Says that a document can be launched; a dataset in which a scan found faults takes the word "ready" away and leads to its report. */
export function VerdictReady({ verdict, isStale }: { verdict: ExperimentVerdict | undefined; isStale: boolean }) {
  const faulty = (verdict?.datasets ?? []).filter((dataset) => dataset.num_faults > 0);
  const isSound = faulty.length === 0;
  const title = isSound ? "Ready to launch" : "Can be launched, but a run may fail";
  return (
    <Alert
      color={isSound ? "teal" : "orange"}
      variant="light"
      icon={isStale ? <Loader size={14} /> : <Icon name={isSound ? "succeeded" : "failed"} />}
      title={isStale ? "Checking …" : title}
    >
      {verdict !== undefined && <Text size="sm">{summary(verdict)}</Text>}
      {!isSound && (
        <List size="sm" mt="xs" className="break-words">
          {faulty.map((dataset) => (
            <List.Item key={dataset.pointer}>
              The scan of {dataset.name} found {formatCount(dataset.num_faults, "problem")}:{" "}
              <Anchor component={Link} to={`/datasets/${dataset.dataset_id}`} size="sm" target="_blank">
                see its report
              </Anchor>
            </List.Item>
          ))}
        </List>
      )}
    </Alert>
  );
}

function summary(verdict: ExperimentVerdict): string {
  const total = verdict.plan.reduce<number | null>(
    (sum, stage) => (sum === null || stage.total_iterations === null ? null : sum + stage.total_iterations),
    0,
  );
  const iterations = total === null ? "" : `, ${formatCount(total, "iteration")}`;
  return `${formatCount(verdict.plan.length, "stage")}${iterations}, ${formatCount(verdict.deviations.length, "difference")} from the publication, digest ${verdict.digest.slice(0, 12)}.`;
}
