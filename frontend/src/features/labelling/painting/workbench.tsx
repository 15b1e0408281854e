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
import { CommentCard } from "./comment-card";
import { CommentPins } from "./comment-pins";
import { ConflictDialog } from "./conflict/conflict-dialog";
import { FaultList } from "./fault-list";
import { InstructionsPanel } from "./instructions-panel";
import { type KeysOfPage, useKeyBindings } from "./keys/key-bindings";
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
import { useComments } from "./use-comments";
import { useInstructions } from "./use-instructions";
import { type Painting, usePainting } from "./use-painting";

/** The end of a lease is told so many seconds before. */
const SOON_S = 120;

type WorkDialog = "skip" | "classes" | "keys" | "versions";

interface WorkbenchProps {
  stage: StageDetail;
  work: PaintWork;
}

/** Canvas, tools and classes of one query, and what becomes of it. */
export function Workbench({ stage, work }: WorkbenchProps) {
  const { author } = useAuthor();
  const navigate = useNavigate();
  const seconds = useActiveSeconds();
  const [dialog, setDialog] = useState<WorkDialog | null>(work.conflict === null ? null : "versions");
  const close = () => setDialog(null);
  // A round that is complete is shown whole: there an answer can still be taken back.
  const next = (isComplete: boolean) => void navigate(`/labelling/${stage.id}${isComplete ? "?list=answered" : "/paint"}`);
  const live = useQuery({ ...queryToAnswer(work.query.id), initialData: work.query });
  const left = useLease(live.data, author);
  const painting = usePainting(stage, work, { author, seconds, onAnswered: next });
  const { change } = painting;
  const { query } = work;
  const keys = useKeyBindings(query.classes);
  const instructions = useInstructions(stage.id);
  const talk = useComments(work, painting, author);
  const searchClass = useCallback(() => setDialog("classes"), []);
  const held = usePaintKeys(work, painting, keys.bindings, {
    skip: () => setDialog("skip"),
    searchClass,
    showKeys: () => setDialog("keys"),
    showInstructions: instructions.toggle,
    showComments: talk.toggle,
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
        instructions={instructions}
        talk={talk}
        onSkip={() => setDialog("skip")}
        onCompare={() => setDialog("versions")}
      />
      <ToolRail {...common} />
      <div className="paint-main">
        <OptionsBar {...common} classes={query.classes} ignoreId={query.ignore_id} />
        <Notices work={work} error={painting.sending.error} left={left} />
        <PaintCanvas work={work} painting={painting} {...held}>
          <CommentPins talk={talk} view={painting.view} size={painting.screen} />
          {talk.isOpen && <CommentCard work={work} talk={talk} />}
          {instructions.told !== null && instructions.isOpen && (
            <InstructionsPanel told={instructions.told} classes={query.classes} classId={classId} onClose={instructions.toggle} />
          )}
        </PaintCanvas>
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
      <WorkDialogs work={work} painting={painting} keys={keys} dialog={dialog} onClose={close} />
    </div>
  );
}

interface WorkDialogsProps {
  work: PaintWork;
  painting: Painting;
  keys: KeysOfPage;
  dialog: WorkDialog | null;
  onClose: () => void;
}

/** The one dialog that is open beside the canvas. */
function WorkDialogs({ work, painting, keys, dialog, onClose }: WorkDialogsProps) {
  const { author } = useAuthor();
  const { classes } = work.query;
  if (dialog === "classes") {
    return <ClassPalette classes={classes} onChoose={(id) => painting.change({ type: "class", id })} onClose={onClose} />;
  }
  if (dialog === "versions") {
    return (
      <ConflictDialog
        work={work}
        author={author}
        kept={painting.kept}
        onChosen={(versions, sides) => {
          painting.resolve(versions, sides);
          onClose();
        }}
        onClose={onClose}
      />
    );
  }
  return dialog === "keys" && <KeySheet keys={keys} classes={classes} onClose={onClose} />;
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
