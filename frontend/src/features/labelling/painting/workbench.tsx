import { Alert } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useCallback, useMemo, useState } from "react";
import { useNavigate } from "react-router";

import type { StageDetail } from "../../../api/types";
import { formatCount } from "../../../lib/format";
import { countdownText } from "../queries/round-progress";
import { useActiveSeconds } from "../answering/use-active-seconds";
import { useLease } from "../answering/use-lease";
import { useAuthor } from "../author/use-author";
import { queryToAnswer } from "../labelling-queries";
import { ClassPalette } from "./class-palette";
import { ClassPanel } from "./class-panel";
import { ConflictDialog } from "./conflict/conflict-dialog";
import { FaultList } from "./fault-list";
import { useKeyBindings } from "./keys/key-bindings";
import { KeySheet } from "./keys/key-sheet";
import { usePaintKeys } from "./keys/use-paint-keys";
import type { PaintWork } from "./load-work";
import { LeaveDialogs } from "./leave-dialogs";
import { OptionsBar } from "./options-bar";
import { PaintCanvas } from "./paint-canvas";
import { MendPanel, ProposalPanel, ViewPanel } from "./side-panels";
import { StatusLine } from "./status-line";
import { ToolRail } from "./tool-rail";
import { TopBar } from "./top-bar";
import { usePainting } from "./use-painting";

/** The end of a lease is told so many seconds before. */
const SOON_S = 120;

interface WorkbenchProps {
  stage: StageDetail;
  work: PaintWork;
}

/** Canvas, tools and classes of one query, and what becomes of it. */
export function Workbench({ stage, work }: WorkbenchProps) {
  const { author } = useAuthor();
  const navigate = useNavigate();
  const seconds = useActiveSeconds();
  const [dialog, setDialog] = useState<"skip" | "classes" | "keys" | "versions" | null>(work.conflict === null ? null : "versions");
  const close = () => setDialog(null);
  // A round that is complete is shown whole: there an answer can still be taken back.
  const next = (isComplete: boolean) => void navigate(`/labelling/${stage.id}${isComplete ? "?list=answered" : "/paint"}`);
  const live = useQuery({ ...queryToAnswer(work.query.id), initialData: work.query });
  const left = useLease(live.data, author);
  const painting = usePainting(stage, work, { author, seconds, onAnswered: next });
  const { change } = painting;
  const { query } = work;
  const keys = useKeyBindings(query.classes);
  const searchClass = useCallback(() => setDialog("classes"), []);
  const held = usePaintKeys(work, painting, keys.bindings, {
    skip: () => setDialog("skip"),
    searchClass,
    showKeys: () => setDialog("keys"),
  });
  const common = { painting, keys };
  const { classId, locked, hidden } = painting.state;
  const marks = useMemo(() => ({ classId, locked, hidden }), [classId, locked, hidden]);
  return (
    <div className="painting">
      <TopBar
        {...common}
        stage={stage}
        query={query}
        seconds={work.seconds + seconds}
        onSkip={() => setDialog("skip")}
        onCompare={() => setDialog("versions")}
      />
      <ToolRail {...common} />
      <div className="paint-main">
        <OptionsBar {...common} classes={query.classes} ignoreId={query.ignore_id} />
        <Notices work={work} error={painting.sending.error} left={left} />
        <PaintCanvas work={work} painting={painting} {...held} />
        <StatusLine {...common} work={work} onKeys={() => setDialog("keys")} />
      </div>
      <div className="paint-side">
        <FaultList faults={painting.faults} classes={query.classes} onShow={painting.lookAt} onSend={() => painting.submit(true)} />
        <ClassPanel classes={query.classes} ignoreId={query.ignore_id} state={marks} change={change} keys={keys} onSearch={searchClass} />
        <ProposalPanel {...common} work={work} />
        <MendPanel {...common} />
        <ViewPanel {...common} work={work} />
      </div>
      <LeaveDialogs stage={stage} query={query} isSkipping={dialog === "skip"} onClose={close} onSkipped={() => next(false)} />
      {dialog === "classes" && <ClassPalette classes={query.classes} onChoose={(id) => change({ type: "class", id })} onClose={close} />}
      {dialog === "versions" && (
        <ConflictDialog
          work={work}
          author={author}
          kept={painting.kept}
          onChosen={(versions, sides) => {
            painting.resolve(versions, sides);
            close();
          }}
          onClose={close}
        />
      )}
      {dialog === "keys" && <KeySheet keys={keys} classes={query.classes} onClose={close} />}
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
