import { expect, test } from "vitest";

import { firstChannel } from "./index-map";

test("a raw id is the first channel of its pixel", () => {
  expect([...firstChannel(Uint8ClampedArray.from([3, 3, 3, 255, 254, 254, 254, 255]))]).toEqual([3, 254]);
});
