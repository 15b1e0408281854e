import { expect, test } from "vitest";

import { channels, heatBackground } from "./palette";

test("a colour is taken apart into its channels", () => {
  expect(channels("#0a80ff")).toEqual([10, 128, 255]);
});

test("shades stay between none and the full one", () => {
  expect(heatBackground(-0.2, "loss")).toContain("var(--heat-loss) 0%");
  expect(heatBackground(1.5, "value")).toContain("var(--heat-value) 78%");
});
