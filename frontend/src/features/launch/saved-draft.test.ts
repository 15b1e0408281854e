import { expect, test, vi } from "vitest";

import { forgetDraft, saveDraft, savedDraft } from "./saved-draft";

const DRAFT = { text: "method: eir", name: "<b>n</b>", tags: ["a=1"], notes: "", seeds: "0-4" };

function storage(): Map<string, string> {
  const kept = new Map<string, string>();
  vi.stubGlobal("sessionStorage", {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
    removeItem: (key: string) => kept.delete(key),
  });
  return kept;
}

test("what was typed for one preset comes back for it and for no other", () => {
  storage();
  saveDraft("eir/demo", DRAFT);
  expect([savedDraft("eir/demo"), savedDraft("eir/camvid")]).toEqual([DRAFT, null]);
  forgetDraft("eir/demo");
  expect(savedDraft("eir/demo")).toBeNull();
});

test.each(["{", "[]", '{"text": 1}', "null"])("%s in the storage is as good as nothing", (text) => {
  storage().set("palimpsest.launch.eir/demo", text);
  expect(savedDraft("eir/demo")).toBeNull();
});

test("a browser without storage only forgets", () => {
  vi.stubGlobal("sessionStorage", undefined);
  saveDraft("eir/demo", DRAFT);
  forgetDraft("eir/demo");
  expect(savedDraft("eir/demo")).toBeNull();
});
