import { Alert, Anchor, Button, Group, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useNavigate } from "react-router";

import type { StageDetail } from "../../../api/types";
import { KeyHint } from "../../../components/key-hint";
import { formatCount, formatDuration } from "../../../lib/format";
import { countdownText } from "../queries/round-progress";
import { useActiveSeconds } from "../answering/use-active-seconds";
import { useLease } from "../answering/use-lease";
import { useAuthor } from "../author/use-author";
import { queryToAnswer } from "../labelling-queries";
import { ClassPanel } from "./class-panel";
import { EditPanel } from "./edit-panel";
import { FaultList } from "./fault-list";
import { forgetWork } from "./kept-work";
import type { PaintWork } from "./load-work";
import { LeaveDialogs } from "./leave-dialogs";
import { PaintCanvas } from "./paint-canvas";
import { SaveBadge } from "./save-badge";
import { LookPanel, ToolBar } from "./tool-bar";
import { usePaintKeys } from "./use-paint-keys";
import { usePainting } from "./use-painting";

/** The end of a lease is told so many seconds before. */
const SOON_S = 120;

interface WorkbenchProps {
  stage: StageDetail;
  work: PaintWork;
  /** Load the work anew, as the service has it. */
  onReload: () => void;
}

/** Canvas, tools and classes of one query, and what becomes of it. */
export function Workbench({ stage, work, onReload }: WorkbenchProps) {
  const { author } = useAuthor();
  const navigate = useNavigate();
  const seconds = useActiveSeconds();
  const [isSkipping, setSkipping] = useState(false);
  // A round that is complete is shown whole: there an answer can still be taken back.
  const next = (isComplete: boolean) => void navigate(`/labelling/${stage.id}${isComplete ? "?list=answered" : "/paint"}`);
  const live = useQuery({ ...queryToAnswer(work.query.id), initialData: work.query });
  const left = useLease(live.data, author);
  const painting = usePainting(stage, work, { author, seconds, onAnswered: next });
  const { state, change, sending } = painting;
  const keys = usePaintKeys(work, painting, () => setSkipping(true));
  const { query } = work;
  const names = query.classes.map((label) => ({ value: String(label.id), label: label.name }));
  return (
    <div className="painting">
      <div className="paint-main">
        <Group justify="space-between" gap="xs">
          <Group gap="sm">
            <Anchor component={Link} to={`/labelling/${stage.id}`} size="sm">
              Round
            </Anchor>
            <Title order={1} size="h5" className="break-words">
              {query.rank} · {query.image}
            </Title>
            <SaveBadge state={painting.saveState} onMine={painting.keepMine} onSaved={() => void forgetWork(query.id, author).then(onReload)} />
          </Group>
          <Group gap="xs">
            <Text size="xs" c="dimmed">
              {formatDuration(work.seconds + seconds)}, {formatCount(painting.clicks(), "stroke")}
            </Text>
            <Button size="compact-sm" variant="default" onClick={() => setSkipping(true)}>
              Skip
              <KeyHint keys="K" />
            </Button>
            <Button size="compact-sm" loading={sending.isPending} onClick={() => painting.submit(false)}>
              Send answer
              <KeyHint keys="Ctrl Enter" />
            </Button>
          </Group>
        </Group>
        <ToolBar
          state={state}
          change={change}
          history={painting.history}
          onFit={painting.fit}
          onActual={painting.actual}
          zoomPercent={Math.round(100 * painting.zoom)}
        />
        <Notices work={work} error={sending.error} left={left} />
        <PaintCanvas
          work={work}
          tools={painting.tools}
          state={keys.isHiding ? { ...state, isHidden: true } : state}
          view={painting.view}
          isPanning={keys.isPanning}
          onView={painting.changeView}
          onScreen={painting.setScreen}
          onStep={painting.stepped}
          onSize={(steps) => change({ type: "size", steps })}
        />
      </div>
      <div className="paint-side">
        <ClassPanel classes={query.classes} ignoreId={query.ignore_id} state={state} change={change} />
        <EditPanel work={work} state={state} onStep={painting.stepped} />
        <LookPanel state={state} change={change} names={names} />
        <FaultList faults={painting.faults} classes={query.classes} onShow={painting.lookAt} onSend={() => painting.submit(true)} />
      </div>
      <LeaveDialogs stage={stage} query={query} isSkipping={isSkipping} onClose={() => setSkipping(false)} onSkipped={() => next(false)} />
    </div>
  );
}

function Notices({ work, error, left }: { work: PaintWork; error: Error | null; left: number | null }) {
  return (
    <>
      {work.query.state === "accepted" && (
        <Alert variant="light" color="gray" p="xs">
          {work.query.author} has answered it, version {work.query.version}. What you send becomes a new version.
        </Alert>
      )}
      {left !== null && left < SOON_S && (
        <Alert color="yellow" variant="light" p="xs" role="status">
          {left > 0
            ? `It is yours for ${countdownText(left)} more, and longer as soon as you go on.`
            : "Your time with it is over; it stays yours until somebody takes it, and your work is kept."}
        </Alert>
      )}
      {work.restored > 0 && (
        <Alert variant="light" p="xs">
          {formatCount(work.restored, "changed tile")} that the service had not got yet came back from this browser.
        </Alert>
      )}
      {error !== null && (
        <Alert color="red" variant="light" p="xs" role="alert">
          {error.message} Nothing is lost.
        </Alert>
      )}
    </>
  );
}
