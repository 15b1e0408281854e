import { Anchor, Button, Group, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useNavigate, useParams } from "react-router";

import { ApiError, isMissing } from "../../../api/api-error";
import type { StageDetail } from "../../../api/types";
import { EmptyState } from "../../../components/empty-state";
import { NoSuch } from "../../../components/no-such";
import { QueryFace } from "../../../components/query-face";
import { LOOKS } from "../../../components/state-looks";
import { useTitle } from "../../../lib/use-title";
import { useAuthor } from "../author/use-author";
import { useRoundName } from "../answering/use-round-name";
import { labelStageQuery, leaseNext, queryToAnswer } from "../labelling-queries";
import { workQuery } from "./work-query";
import { Workbench } from "./workbench";
import "./painting.css";

/** The page on which one query is painted. */
export function PaintPage() {
  const { stageId = "", queryId } = useParams();
  const { author } = useAuthor();
  const stage = useQuery(labelStageQuery(stageId));
  useTitle(queryId === undefined || author === "" ? "Painting" : null);
  if (author === "") {
    return <WhoPaints />;
  }
  return (
    <QueryFace query={stage} height={420} missing={<NoSuch noun="round" id={stageId} />}>
      {(found) => (queryId === undefined ? <NextQuery stage={found} /> : <OneQuery key={`${queryId} ${author}`} stage={found} queryId={queryId} />)}
    </QueryFace>
  );
}

function WhoPaints() {
  const { setAuthor } = useAuthor();
  const [name, setName] = useState("");
  return (
    <EmptyState title="Who paints?">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          setAuthor(name);
        }}
      >
        <Group align="end" gap="sm">
          <TextInput
            label="Your name"
            description="Stands beside your answers, and keeps your unfinished work for you."
            value={name}
            maxLength={100}
            required
            autoFocus
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <Button type="submit" disabled={name.trim() === ""}>
            Begin
          </Button>
        </Group>
      </form>
    </EmptyState>
  );
}

function OneQuery({ stage, queryId }: { stage: StageDetail; queryId: string }) {
  const { author } = useAuthor();
  const query = useQuery(queryToAnswer(queryId));
  const work = useQuery({ ...workQuery(queryId, author), enabled: query.data !== undefined });
  const { title } = useRoundName(stage);
  useTitle(query.data === undefined ? "Painting" : `${query.data.image}, ${title}, ${LOOKS[stage.state].text}`);
  if (isMissing(query.error)) {
    return <NoSuch noun="query" id={queryId} />;
  }
  return (
    <QueryFace query={work} height={480}>
      {(found) => <Workbench key={found.opened} stage={stage} work={found.work} />}
    </QueryFace>
  );
}

/** Leases the next query and goes to it; where there is none, it says why. */
function NextQuery({ stage }: { stage: StageDetail }) {
  const { author } = useAuthor();
  const navigate = useNavigate();
  const next = useQuery({
    queryKey: ["labelling", "paint-next", stage.id, author] as const,
    gcTime: 0,
    retry: false,
    queryFn: async () => {
      const answer = await nextOf(stage.id, author);
      if (answer !== "closed" && answer.query !== null) {
        void navigate(`/labelling/${stage.id}/paint/${answer.query.id}`, { replace: true });
      }
      return answer;
    },
  });
  return (
    <QueryFace query={next} height={420}>
      {(answer) =>
        answer === "closed" ? (
          <RoundClosed stage={stage} />
        ) : (
          answer.query === null && <NothingLeft stage={stage} onAgain={() => void next.refetch()} />
        )
      }
    </QueryFace>
  );
}

async function nextOf(stageId: string, author: string) {
  try {
    return await leaseNext(stageId, author);
  } catch (error) {
    if (error instanceof ApiError && error.type.endsWith("/round-closed")) {
      return "closed";
    }
    throw error;
  }
}

function RoundClosed({ stage }: { stage: StageDetail }) {
  return (
    <EmptyState title="This round is closed">
      Its answers are frozen, and the run goes on with them.{" "}
      <Anchor component={Link} to={`/runs/${stage.run_id}`} size="sm">
        To its run
      </Anchor>
      {", or "}
      <Anchor component={Link} to="/labelling" size="sm">
        to the rounds that wait
      </Anchor>
    </EmptyState>
  );
}

function NothingLeft({ stage, onAgain }: { stage: StageDetail; onAgain: () => void }) {
  return (
    <EmptyState title="Nothing is left to paint">
      <Group gap="sm">
        Every query is answered, or somebody else has it.
        <Button size="compact-sm" variant="default" onClick={onAgain}>
          Look again
        </Button>
        <Anchor component={Link} to={`/labelling/${stage.id}`} size="sm">
          To the round
        </Anchor>
      </Group>
    </EmptyState>
  );
}
