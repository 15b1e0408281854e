import { Anchor, Text } from "@mantine/core";
import { Link } from "react-router";

import type { RunDetail } from "../../api/types";
import { LOOKS } from "../../components/state-looks";
import { useStepWord } from "./step-word";

const SHOWN = 4;

/** Where the run branched, and which runs branched from it. */
export function LineageLines({ run }: { run: Pick<RunDetail, "branched_from" | "branches" | "imported_from"> }) {
  const word = useStepWord();
  const origin = run.branched_from;
  const more = run.branches.slice(SHOWN);
  return (
    <>
      {run.imported_from !== null && <Text size="sm">Imported from another service, where its id was {run.imported_from}.</Text>}
      {origin !== null && (
        <Text size="sm">
          Branched from{" "}
          <Anchor component={Link} to={`/runs/${origin.run_id}`} size="sm">
            {origin.experiment_name}, seed {origin.seed}
          </Anchor>{" "}
          after {word} {origin.after_step}.
        </Text>
      )}
      {run.branches.length > 0 && (
        <Text size="sm">
          Branches:{" "}
          {run.branches.slice(0, SHOWN).map((branch, place) => (
            <span key={branch.run_id}>
              {place > 0 && ", "}
              <Anchor component={Link} to={`/runs/${branch.run_id}`} size="sm">
                {branch.experiment_name}
              </Anchor>{" "}
              after {word} {branch.after_step} ({LOOKS[branch.state].text})
            </span>
          ))}
          {more.length > 0 && ` and ${more.length} more`}.
        </Text>
      )}
    </>
  );
}
