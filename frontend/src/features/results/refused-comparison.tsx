import { Anchor, Button, List, Stack, Text } from "@mantine/core";
import { useQueries } from "@tanstack/react-query";
import { Link } from "react-router";

import { runQuery } from "../../api/queries";
import { Problem } from "../../components/problem";
import { useSetAddress } from "../../lib/address";
import { type CompareAddress, without } from "./compare-address";
import { experimentResultsQuery } from "./results-queries";

interface RefusedComparisonProps {
  error: Error;
  address: CompareAddress;
  onRetry: () => void;
}

/** Why these cannot be compared, and the way out: leave out those that do not fit. */
export function RefusedComparison({ error, address, onRetry }: RefusedComparisonProps) {
  const set = useSetAddress();
  const names = useNames(address);
  return (
    <Stack>
      <Problem error={error} onRetry={onRetry} />
      <Text size="sm">
        Leave out what does not fit, or <Link to="/runs">choose other runs</Link>.
      </Text>
      <List size="sm" spacing="xs" aria-label="named in the address">
        {names.map(({ kind, key, name }) => (
          <List.Item key={key}>
            <Anchor component={Link} to={`/${kind}s/${key}`} size="sm">
              <bdi>{name ?? `${kind} ${key}`}</bdi>
            </Anchor>{" "}
            <Button size="compact-xs" variant="default" aria-label={`leave out ${name ?? key}`} onClick={() => set(without(address, key))}>
              Leave out
            </Button>
          </List.Item>
        ))}
      </List>
    </Stack>
  );
}

/** The members of the address with their names, as far as they exist. */
function useNames({ runs, experiments }: CompareAddress): { kind: "run" | "experiment"; key: string; name: string | null }[] {
  const ofRuns = useQueries({ queries: runs.map((id) => ({ ...runQuery(id), retry: false })) });
  const ofExperiments = useQueries({ queries: experiments.map((key) => ({ ...experimentResultsQuery(key), retry: false })) });
  return [
    ...runs.map((key, place) => {
      const run = ofRuns[place]?.data;
      return { kind: "run" as const, key, name: run === undefined ? null : `${run.experiment_name}, seed ${run.seed}` };
    }),
    ...experiments.map((key, place) => ({ kind: "experiment" as const, key, name: ofExperiments[place]?.data?.name ?? null })),
  ];
}
