import { Button, Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { useMayResearch } from "../../../api/session";
import type { StageDetail } from "../../../api/types";
import { Panel } from "../../../components/panel";
import { QueryFace } from "../../../components/query-face";
import { openQueriesQuery } from "../labelling-queries";
import { handOutQuery } from "./hand-out-query";
import { InstructionsForm } from "./instructions-form";
import { InstructionsText } from "./instructions-text";

/** What people are told about a round and its classes; a researcher changes it while the round waits. */
export function InstructionsTab({ stage }: { stage: StageDetail }) {
  const handOut = useQuery(handOutQuery(stage.id));
  // The classes of a round stand with its queries.
  const classes = useQuery(openQueriesQuery(stage.id, "rank")).data?.classes ?? [];
  const mayResearch = useMayResearch();
  const [isEditing, setEditing] = useState(false);
  return (
    <Panel
      title="Instructions"
      hint="shown to everybody who answers, beside what they paint"
      actions={
        mayResearch &&
        !isEditing && (
          <Button
            size="xs"
            variant="default"
            disabled={stage.state !== "waiting_annotation" || handOut.data === undefined}
            title={stage.state === "waiting_annotation" ? undefined : "only while the round waits for people"}
            onClick={() => setEditing(true)}
          >
            Edit
          </Button>
        )
      }
    >
      <QueryFace query={handOut} height={120}>
        {(shown) =>
          isEditing ? (
            <InstructionsForm shown={shown} classes={classes} onEnd={() => setEditing(false)} />
          ) : (
            <Stack gap="md" maw={760}>
              <InstructionsText told={shown} classes={classes} />
            </Stack>
          )
        }
      </QueryFace>
    </Panel>
  );
}
