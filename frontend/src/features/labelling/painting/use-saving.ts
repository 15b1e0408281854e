import { useEffect, useState } from "react";

import { ApiError } from "../../../api/api-error";
import { nextSave, retryDelay } from "../engine/save-clock";
import { type KeptWork, keepWork } from "./kept-work";
import type { PaintWork } from "./load-work";
import type { PlaceEffort } from "./place-effort";
import { sendTiles } from "./send-tiles";

const LOOK_EVERY_MS = 250;
/** A stroke is kept in this browser so soon after its end: not in the frame that draws its last part. */
const KEEP_AFTER_MS = 100;

export type SaveState =
  | { kind: "saved"; at: number | null }
  | { kind: "unsaved" | "saving" }
  /** The service does not answer; so many tiles are kept in this browser. */
  | { kind: "offline"; tiles: number }
  /** Somebody, such as the person's other tab, saved something newer. */
  | { kind: "conflict" }
  | { kind: "refused"; message: string };

export interface Spent {
  author: string;
  /** Strokes and clicks so far. */
  clicks: () => number;
  /** What single places took so far. */
  regions: () => PlaceEffort[];
}

/** Saves what was painted: two seconds after the last stroke, never inside one, and in this browser at once. */
export class Saver {
  state: SaveState;
  /** Whether the person has yet to choose between what this browser kept and what the service has: neither is touched. */
  private isUndecided: boolean;
  private unsavedSince: number | null = null;
  private lastChange: number | null = null;
  private notBefore: number | null = null;
  private failures = 0;
  private seconds = 0;
  private running: Promise<void> | null = null;
  private keepTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly work: PaintWork,
    private readonly spent: Spent,
    private readonly onState: (state: SaveState) => void,
    public revision: number,
  ) {
    this.state = startOf(work);
    this.isUndecided = work.conflict !== null;
    if (work.painter.unsaved.count > 0) {
      this.unsavedSince = this.lastChange = Date.now();
    }
  }

  /** So many active seconds were spent so far. */
  spend(seconds: number): void {
    this.seconds = seconds;
  }

  /** A step ended, or was taken back. */
  changed(): void {
    this.lastChange = Date.now();
    this.unsavedSince ??= this.lastChange;
    this.keepTimer ??= setTimeout(() => void this.keep(), KEEP_AFTER_MS);
    if (this.state.kind === "saved") {
      this.tell({ kind: "unsaved" });
    }
  }

  /** Keep the work in this browser now; nothing before the person has chosen between two versions. */
  async keep(): Promise<void> {
    clearTimeout(this.keepTimer);
    this.keepTimer = undefined;
    if (!this.isUndecided) {
      await keepWork(this.work.query.id, this.spent.author, this.work.painter, this.revision);
    }
  }

  /** The page is left: what waits to be kept is kept at once. */
  leave(): void {
    if (this.keepTimer !== undefined) {
      void this.keep();
    }
  }

  /** Save, if it is time. */
  look(now: number): void {
    const { painter } = this.work;
    const isStopped = this.state.kind === "conflict" || this.state.kind === "refused";
    const { unsavedSince, lastChange, notBefore } = this;
    const due = isStopped
      ? null
      : nextSave({ unsavedSince, lastChange, isDrawing: painter.isDrawing, isSaving: this.running !== null, notBefore }, now);
    if (due !== null && due <= now) {
      void this.flush();
    }
  }

  /** Save everything now. Returns whether the service has all of it. */
  async flush(): Promise<boolean> {
    if (this.isUndecided) {
      return false;
    }
    this.running ??= this.send().finally(() => (this.running = null));
    await this.running;
    return this.work.painter.unsaved.count === 0;
  }

  /** What this browser kept, where the person has yet to choose between it and what the service has. */
  get kept(): KeptWork | null {
    return this.isUndecided ? this.work.conflict : null;
  }

  /** The person has chosen between what is here and the draft of this revision, and the map is as chosen. */
  async resolved(revision: number): Promise<void> {
    this.isUndecided = false;
    this.revision = revision;
    this.unsavedSince ??= Date.now();
    this.tell({ kind: "unsaved" });
    await this.flush();
  }

  private async send(): Promise<void> {
    const { painter, query } = this.work;
    try {
      while (painter.unsaved.count > 0 && !painter.isDrawing) {
        this.tell({ kind: "saving" });
        this.revision = await sendTiles(query, painter, this.revision, {
          author: this.spent.author,
          clicks: this.spent.clicks(),
          regions: this.spent.regions(),
          seconds: this.seconds,
        });
      }
      this.failures = 0;
      this.notBefore = null;
      if (painter.unsaved.count === 0) {
        this.unsavedSince = null;
        this.tell({ kind: "saved", at: Date.now() });
      }
      await this.keep();
    } catch (error) {
      this.fail(error);
    }
  }

  private fail(error: unknown): void {
    this.failures++;
    this.notBefore = Date.now() + retryDelay(this.failures);
    const status = error instanceof ApiError ? error.status : 0;
    if (status === 412) {
      this.tell({ kind: "conflict" });
    } else if (status >= 400 && status < 500) {
      this.tell({ kind: "refused", message: error instanceof Error ? error.message : String(error) });
    } else {
      this.tell({ kind: "offline", tiles: this.work.painter.unsaved.count });
    }
  }

  private tell(state: SaveState): void {
    this.state = state;
    this.onState(state);
  }
}

function startOf({ conflict }: PaintWork): SaveState {
  return conflict === null ? { kind: "saved", at: null } : { kind: "conflict" };
}

/** A saver for a piece of work, and how it stands. */
export function useSaving(work: PaintWork, spent: Spent): { saver: Saver; state: SaveState } {
  const [state, setState] = useState(() => startOf(work));
  const [saver] = useState(() => new Saver(work, spent, setState, work.revision));
  useEffect(() => {
    const timer = setInterval(() => saver.look(Date.now()), LOOK_EVERY_MS);
    const warn = (event: BeforeUnloadEvent) => {
      if (work.painter.unsaved.count > 0) {
        event.preventDefault();
      }
    };
    const flush = () => {
      if (document.visibilityState === "hidden") {
        void saver.keep();
        void saver.flush();
      }
    };
    globalThis.addEventListener("beforeunload", warn);
    document.addEventListener("visibilitychange", flush);
    return () => {
      clearInterval(timer);
      saver.leave();
      globalThis.removeEventListener("beforeunload", warn);
      document.removeEventListener("visibilitychange", flush);
    };
  }, [saver, work]);
  return { saver, state };
}
