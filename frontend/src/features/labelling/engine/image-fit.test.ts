import { expect, test } from "vitest";

import { cutOf, cutSpans, type ImageFit, toView } from "./image-fit";
import { drawn } from "./testing";

function fitted(height: number, width: number, side: number, rows: number, columns: number): ImageFit {
  return { width, height, side, rows, columns };
}

// The same rows as in tests/core/models/sam/test_image_fit.py: page and service must not differ.
test.each([
  [fitted(1024, 1024, 1024, 1024, 1024), [0, 0], [0, 0]],
  [fitted(1024, 1024, 1024, 1024, 1024), [1023, 7], [1023, 7]],
  [fitted(512, 512, 1024, 1024, 1024), [0, 511], [0.5, 1022.5]],
  [fitted(512, 512, 64, 64, 64), [255, 256], [31.4375, 31.5625]],
  [fitted(2800, 4400, 1024, 1024, 1024), [4399, 0], [1023.3836, -0.3171]],
  [fitted(2800, 4400, 1024, 652, 1024), [4399, 0], [1023.3836, -0.3836]],
  [fitted(2800, 4400, 1024, 652, 1024), [0, 2799], [-0.3836, 651.3836]],
  [fitted(2800, 4400, 1024, 652, 1024), [2200, 1400], [511.6164, 325.6164]],
  [fitted(4400, 2800, 1024, 1024, 1024), [0, 4399], [-0.3171, 1023.3836]],
  [fitted(4400, 2800, 1024, 1024, 652), [2799, 4399], [651.3836, 1023.3836]],
  [fitted(1, 600, 64, 64, 64), [599, 0], [63.4467, 31.5]],
  [fitted(1, 600, 64, 1, 64), [599, 0], [63.4467, 0]],
  [fitted(600, 1, 64, 64, 1), [0, 599], [0, 63.4467]],
  [fitted(100, 300, 1024, 341, 1024), [150, 20], [513.2067, 69.405]],
] as const)("of %o the click %o lands at %o", (fit, [x, y], [wantedX, wantedY]) => {
  const found = toView(fit, { x, y });
  expect(found.x).toBeCloseTo(wantedX, 3);
  expect(found.y).toBeCloseTo(wantedY, 3);
});

test.each([fitted(90, 40, 64, 64, 28), fitted(40, 90, 64, 28, 64), fitted(64, 64, 64, 64, 64), fitted(40, 90, 64, 64, 64), fitted(1, 30, 64, 2, 64)])(
  "what is marked in the mask lies under the same click, and axes are not exchanged: %o",
  (fit) => {
    const [x, y] = [Math.floor((3 * fit.width) / 4), Math.floor(fit.height / 3)];
    const place = toView(fit, { x, y });
    const logits = Float32Array.from({ length: 32 * 32 }, (_, at) => 9 - ((at % 32) * 2 + 0.5 - place.x) ** 2 - (Math.floor(at / 32) * 2 + 0.5 - place.y) ** 2);

    const cut = cutOf(logits, fit);

    let [count, sumX, sumY] = [0, 0, 0];
    if (cut !== null) {
      cutSpans(cut, (row, left, right) => {
        count += right - left;
        sumX += ((left + right - 1) / 2) * (right - left);
        sumY += row * (right - left);
      });
    }
    expect(count).toBeGreaterThan(0);
    expect(Math.abs(sumX / count - x)).toBeLessThan(1.5);
    expect(Math.abs(sumY / count - y)).toBeLessThan(1.5);
  },
);

test("a mask is resized bilinearly, and its rows are emitted", () => {
  const cut = cutOf(Float32Array.from([-1, -1, -1, 3]), fitted(4, 4, 4, 4, 4));
  expect(cut).not.toBeNull();
  expect(drawn(4, 4, (emit) => cut !== null && cutSpans(cut, emit))).toEqual(["....", "....", "..##", "..##"]);
});

test("a mask without anything is none", () => {
  expect(cutOf(Float32Array.from([-1, -1, -1, -1]), fitted(4, 4, 4, 4, 4))).toBeNull();
});

test("what lies in the padding is not on the image", () => {
  const logits = new Float32Array(16).fill(-9);
  logits[15] = 9;
  expect(cutOf(logits, fitted(8, 16, 16, 8, 16))).toBeNull();
});
