import { afterEach, expect, test, vi } from "vitest";

afterEach(() => {
  vi.unstubAllGlobals();
  vi.resetModules();
});

/** Loads the module in a page whose head says these things. */
async function placeOf(said: Record<string, string>) {
  const querySelector = (selector: string) => {
    const name = Object.keys(said).find((key) => selector === `meta[name="palimpsest-${key}"]`);
    return name === undefined ? null : { getAttribute: () => said[name] };
  };
  vi.stubGlobal("document", { querySelector });
  return import("./place");
}

test("addresses of the service lie below its path", async () => {
  const { at, hasAccounts } = await placeOf({ base: "/seg/ment", accounts: "on" });

  expect(["/api/v1/runs", "https://elsewhere.example/x", "blob:abc"].map(at)).toEqual([
    "/seg/ment/api/v1/runs",
    "https://elsewhere.example/x",
    "blob:abc",
  ]);
  expect(hasAccounts()).toBe(true);
});

test("a page that is told nothing is at the root, without accounts", async () => {
  const { at, hasAccounts } = await placeOf({});

  expect([at("/runs"), hasAccounts()]).toEqual(["/runs", false]);
});
