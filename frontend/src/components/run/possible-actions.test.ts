import { expect, test } from "vitest";

import type { RunSummary } from "../../api/types";
import { possibleActions } from "./possible-actions";

function actions(state: RunSummary["state"], is_pausing = false): string {
  const { canCancel, canPause, canResume } = possibleActions({ state, is_pausing });
  return [canCancel && "cancel", canPause && "pause", canResume && "resume"].filter(Boolean).join(" ");
}

test("a run is cancelled or paused while it goes on, and resumed after it stopped", () => {
  expect(actions("running")).toBe("cancel pause");
  expect(actions("queued")).toBe("cancel pause");
  expect(actions("waiting")).toBe("cancel pause");
  expect(actions("paused")).toBe("cancel resume");
  expect(actions("cancelling")).toBe("");
  expect(actions("failed")).toBe("resume");
  expect(actions("succeeded")).toBe("");
});

test("a run that is about to pause can be told to go on", () => {
  expect(actions("running", true)).toBe("cancel resume");
});
