import { Anchor, Button, Group, List, Text } from "@mantine/core";
import { Link } from "react-router";

import type { MatrixResult } from "../../../api/types";
import { Panel } from "../../../components/panel";
import { formatCount } from "../../../lib/format";

/** The fewest and the most that are compared. */
const [FEWEST, MOST] = [2, 20];

/** Where the runs of a started matrix can be watched. */
export function StartedMatrix({ result: { count, experiments }, onAgain }: { result: MatrixResult; onAgain: () => void }) {
  const fits = experiments.length >= FEWEST && experiments.length <= MOST;
  const address = `/compare?experiments=${experiments.map(({ digest }) => digest).join(",")}`;
  return (
    <Panel title="Started" hint="seed by seed, so that early results cover all experiments">
      <Text size="sm" role="status">
        {formatCount(count, "run")} of {formatCount(experiments.length, "experiment")} started.
      </Text>
      <List size="sm" aria-label="experiments">
        {experiments.map(({ digest, name, runs }) => (
          <List.Item key={digest}>
            <Anchor component={Link} to={`/experiments/${digest}`} size="sm">
              <bdi>{name}</bdi>
            </Anchor>{" "}
            with {runs.length === 1 ? "seed" : "seeds"} {runs.map(({ seed }) => seed).join(", ")}
          </List.Item>
        ))}
      </List>
      <Group>
        {fits && (
          <Button component={Link} to={address}>
            Compare them
          </Button>
        )}
        <Button variant="default" component={Link} to="/runs">
          Watch the runs
        </Button>
        <Button variant="default" onClick={onAgain}>
          Change the matrix
        </Button>
      </Group>
    </Panel>
  );
}
