import { Anchor, List, Table, Text } from "@mantine/core";
import { Link } from "react-router";

import type { MatrixExperiment, MatrixResult } from "../../../api/types";
import { ColumnTitles } from "../../../components/column-titles";
import { TallTable } from "../../../components/tall-table";
import { formatCount, formatNumber } from "../../../lib/format";

/** The experiments of a matrix, how many runs they make, and what is worth a second look. */
export function MatrixExperiments({ result: { experiments, seeds, count } }: { result: MatrixResult }) {
  return (
    <>
      <Text size="sm" fw={600} aria-live="polite">
        {formatCount(experiments.length, "experiment")} × {formatCount(seeds.length, "seed")} = {formatCount(count, "run")}
      </Text>
      <TallTable rows={experiments.length} minWidth={640}>
        <Table aria-label="experiments of the matrix">
          <ColumnTitles titles={["experiment", "method", "override", "stages of a run", "iterations of a run", "remarks"]} />
          <Table.Tbody>
            {experiments.map((experiment) => (
              <ExperimentRow key={experiment.digest} experiment={experiment} />
            ))}
          </Table.Tbody>
        </Table>
      </TallTable>
    </>
  );
}

function ExperimentRow({ experiment }: { experiment: MatrixExperiment }) {
  const { name, method, override, digest, stages, iterations, present_seeds: present, warnings } = experiment;
  return (
    <Table.Tr>
      <Table.Td>
        <bdi>{name}</bdi>
      </Table.Td>
      <Table.Td>{method}</Table.Td>
      <Table.Td>{override ?? "none"}</Table.Td>
      <Table.Td>{stages}</Table.Td>
      <Table.Td>{iterations === null ? "known after the scan of its data" : formatNumber(iterations)}</Table.Td>
      <Table.Td>
        <List size="xs">
          {present.length > 0 && (
            <List.Item>
              run before with {present.length === 1 ? "seed" : "seeds"} {present.join(", ")}:{" "}
              <Anchor component={Link} to={`/experiments/${digest}`} size="xs">
                see its results
              </Anchor>
            </List.Item>
          )}
          {warnings.map(({ pointer, message }) => (
            <List.Item key={`${pointer} ${message}`}>{message}</List.Item>
          ))}
        </List>
      </Table.Td>
    </Table.Tr>
  );
}
