import { expect, test } from "vitest";

import { possibleActions } from "./possible-actions";

test("a run is cancelled while it goes on and resumed after it stopped", () => {
  expect(possibleActions("running")).toEqual({ canCancel: true, canResume: false });
  expect(possibleActions("cancelling")).toEqual({ canCancel: false, canResume: false });
  expect(possibleActions("failed")).toEqual({ canCancel: false, canResume: true });
  expect(possibleActions("succeeded")).toEqual({ canCancel: false, canResume: false });
});
