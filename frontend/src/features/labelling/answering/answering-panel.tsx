import { Button, SegmentedControl, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useSearchParams } from "react-router";

import { querySortOf } from "../../../api/round-queries";
import type { QueryCounts, StageDetail } from "../../../api/types";
import { KeyHint } from "../../../components/key-hint";
import { Problem } from "../../../components/problem";
import { QueryFace } from "../../../components/query-face";
import { useSetAddress } from "../../../lib/address";
import { AuthorField } from "../author/author-field";
import { answeredQueriesQuery, openQueriesQuery, queryToAnswer, reviewedQueriesQuery } from "../labelling-queries";
import { countsText } from "../queries/query-words";
import { doneShare } from "../queries/round-progress";
import { AnsweredQueries } from "./answered-queries";
import { ClosingBanner } from "./closing-banner";
import { NoQuery, YoursNotice } from "./next-notice";
import { OpenQueries } from "./open-queries";
import { QueryView } from "./query-view";
import { useNextQuery } from "./use-next-query";
import { useSettledKeys } from "./use-settled-keys";
import { useUndo } from "./use-undo";

const RELOAD_MS = 10_000;

interface AnsweringPanelProps {
  stage: StageDetail;
  /** How good the teacher is that proposes, such as "23.4 % mIoU"; null where it was not tested. */
  teacherScore: string | null;
}

/** The query that is labelled, and beside it what is open and what is answered. */
export function AnsweringPanel({ stage, teacherScore }: AnsweringPanelProps) {
  const [params] = useSearchParams();
  const set = useSetAddress();
  const queryId = params.get("query");
  const sort = querySortOf(params.get("sort"));
  const open = useQuery({ ...openQueriesQuery(stage.id, sort), refetchInterval: RELOAD_MS });
  const show = (id: string | null) => set({ query: id });
  const next = useNextQuery(stage, { current: queryId, show });
  const [lastAnswered, setLastAnswered] = useState<string | null>(null);
  const undo = useUndo(stage.id, (id) => {
    setLastAnswered(null);
    show(id);
  });
  useSettledKeys(queryId, { n: next.lease });
  const { counts, closes_at: closesAt } = open.data ?? {};
  const list = params.get("list") ?? (counts !== undefined && isAllAnswered(counts) ? "answered" : "open");
  const answered = useQuery({ ...answeredQueriesQuery(stage.id, sort), enabled: list === "answered" });
  const reviewed = useQuery({ ...reviewedQueriesQuery(stage.id, sort), enabled: list === "review" });
  const goOn = (id: string, isAnswer: boolean) => {
    setLastAnswered(isAnswer ? id : null);
    next.lease();
  };
  return (
    <>
      {closesAt != null && (
        <ClosingBanner
          stage={stage}
          closesAt={closesAt}
          onUndo={lastAnswered === null || !undo.isReady ? null : () => undo.revise(lastAnswered)}
          onShowAnswers={() => set({ list: "answered" })}
        />
      )}
      <div className="answering">
        <div className="answering-main">
          {queryId === null ? (
            <NoQuery note={next.note} />
          ) : (
            <ChosenQuery queryId={queryId} stage={stage} teacherScore={teacherScore} onShow={show} onNext={goOn} />
          )}
        </div>
        <aside className="answering-side">
          <AuthorField error={next.needsAuthor ? "Enter your name first." : null} />
          <Button onClick={next.lease} loading={next.isPending}>
            Next query
            <KeyHint keys="N" />
          </Button>
          {lastAnswered !== null && closesAt == null && (
            <Button variant="default" disabled={!undo.isReady} onClick={() => undo.revise(lastAnswered)}>
              Undo the last answer
            </Button>
          )}
          <YoursNotice note={next.note} />
          {next.error !== null && <Problem error={next.error} />}
          {undo.error !== null && <Problem error={undo.error} />}
          {counts !== undefined && <Progress counts={counts} />}
          <ListSwitch counts={counts} list={list} onChange={(chosen) => set({ list: chosen })} />
          <QueryFace query={{ answered, review: reviewed }[list] ?? open} height={200}>
            {(page) =>
              list === "answered" ? (
                <AnsweredQueries page={page} chosen={queryId} onShow={show} undo={undo} />
              ) : (
                <OpenQueries title={list === "review" ? "To decide" : "To answer"} page={page} sort={sort} onSort={(chosen) => set({ sort: chosen })} chosen={queryId} onShow={show} />
              )
            }
          </QueryFace>
        </aside>
      </div>
    </>
  );
}

/** Whether nothing waits for an answer and something has one. */
function isAllAnswered({ open, leased, accepted }: QueryCounts): boolean {
  return open + leased === 0 && accepted > 0;
}

interface ListSwitchProps {
  counts: QueryCounts | undefined;
  list: string;
  onChange: (list: string) => void;
}

/** Which queries are listed; those that a researcher decides about, where there are any. */
function ListSwitch({ counts, list, onChange }: ListSwitchProps) {
  const inReview = counts?.in_review ?? 0;
  return (
    <SegmentedControl
      size="xs"
      aria-label="which queries are listed"
      data={[
        { value: "open", label: "to answer" },
        ...(inReview > 0 || list === "review" ? [{ value: "review", label: `to decide (${inReview})` }] : []),
        { value: "answered", label: `answered${counts === undefined ? "" : ` (${counts.accepted})`}` },
      ]}
      value={list}
      onChange={onChange}
    />
  );
}

function Progress({ counts }: { counts: QueryCounts }) {
  const percent = Math.round(doneShare(counts) * 100);
  return (
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
  );
}

interface ChosenQueryProps extends AnsweringPanelProps {
  queryId: string;
  onShow: (id: string | null) => void;
  /** A query was answered, or only skipped: the next one comes. */
  onNext: (id: string, isAnswer: boolean) => void;
}

function ChosenQuery({ queryId, ...rest }: ChosenQueryProps) {
  const query = useQuery(queryToAnswer(queryId));
  return (
    <QueryFace query={query} height={420}>
      {(detail) => <QueryView key={detail.id} query={detail} {...rest} />}
    </QueryFace>
  );
}
