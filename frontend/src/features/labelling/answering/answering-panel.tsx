import { Button, Group, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useSearchParams } from "react-router";

import { querySortOf } from "../../../api/round-queries";
import type { QuerySummary, StageDetail } from "../../../api/types";
import { useKeys } from "../../../lib/keys";
import { AuthorField } from "../author/author-field";
import { EmptyState } from "../../../components/empty-state";
import { KeyHint } from "../../../components/key-hint";
import { Problem } from "../../../components/problem";
import { QueryFace } from "../../../components/query-face";
import { countsText } from "../queries/query-words";
import { useAuthor } from "../author/use-author";
import { QueryView } from "./query-view";
import { queryToAnswer, openQueriesQuery } from "../labelling-queries";
import { OpenQueries } from "./open-queries";
import { doneShare } from "../queries/round-progress";
import { useNextQuery } from "./use-next-query";

const ASK_AGAIN_MS = 10_000;

/** The query that is labelled, and beside it what is still open. */
export function AnsweringPanel({ stage }: { stage: StageDetail }) {
  const [params, setParams] = useSearchParams();
  const queryId = params.get("query");
  const sort = querySortOf(params.get("sort"));
  const open = useQuery({ ...openQueriesQuery(stage.id, sort), refetchInterval: ASK_AGAIN_MS });
  const set = (name: string, value: string | null) =>
    setParams((now) => withValue(now, name, value), { replace: true, preventScrollReset: true });
  const show = (id: string | null) => set("query", id);
  const { author } = useAuthor();
  const isHeld = (query: QuerySummary) => query.state === "leased" && query.author === author;
  const held = open.data?.items.filter(isHeld).map((query) => query.id) ?? [];
  const next = useNextQuery(stage, { current: queryId, held, show });
  useKeys({ n: next.lease });
  const counts = open.data?.counts;
  const percent = counts === undefined ? 0 : Math.round(doneShare(counts) * 100);
  return (
    <div className="answering">
      <div className="answering-main">
        {next.isEmpty && queryId === null ? (
          <EmptyState title="Nothing is free">
            {counts !== undefined && counts.leased > 0
              ? "What is not answered is leased. The list shows who has it; a lease that runs out is free again."
              : "Every query is answered or skipped."}
          </EmptyState>
        ) : (
          <ChosenQuery queryId={queryId} stage={stage} onShow={show} onNext={next.goOn} />
        )}
      </div>
      <aside className="answering-side">
        <AuthorField error={next.needsAuthor ? "Say who you are first." : null} />
        <Button onClick={next.lease} loading={next.isPending}>
          Lease next
          <KeyHint keys="N" />
        </Button>
        {next.error !== null && <Problem error={next.error} />}
        {counts !== undefined && (
          <div>
            <div
              className="progress-bar"
              role="progressbar"
              aria-label={`${percent} % answered`}
              aria-valuenow={percent}
              style={{ "--done": `${percent}%` } as React.CSSProperties}
            />
            <Text size="xs" c="dimmed">
              {countsText(counts)}
            </Text>
          </div>
        )}
        <QueryFace query={open} height={200}>
          {(page) => (
            <OpenQueries page={page} sort={sort} onSort={(chosen) => set("sort", chosen)} chosen={queryId} onShow={show} />
          )}
        </QueryFace>
      </aside>
    </div>
  );
}

function withValue(now: URLSearchParams, name: string, value: string | null): URLSearchParams {
  const next = new URLSearchParams(now);
  if (value === null) {
    next.delete(name);
  } else {
    next.set(name, value);
  }
  return next;
}

interface ChosenQueryProps {
  queryId: string | null;
  stage: StageDetail;
  onShow: (id: string | null) => void;
  onNext: () => void;
}

function ChosenQuery({ queryId, stage, onShow, onNext }: ChosenQueryProps) {
  const query = useQuery({ ...queryToAnswer(queryId ?? ""), enabled: queryId !== null });
  if (queryId === null) {
    return (
      <EmptyState title="No query is open">
        <Group justify="center" gap={4}>
          Lease the next one: it is yours for 15 minutes, longer while this page is open. Or choose one from the list.
        </Group>
      </EmptyState>
    );
  }
  return (
    <QueryFace query={query} height={420}>
      {(detail) => <QueryView key={detail.id} query={detail} stage={stage} onShow={onShow} onNext={onNext} />}
    </QueryFace>
  );
}
