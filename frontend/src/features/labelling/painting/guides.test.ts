import { expect, test } from "vitest";

import { brushPath } from "./guides";

const VIEW = { zoom: 4, x: 10, y: 20 };

function path(shape: "round" | "square", size: number, zoom = 4): string {
  return brushPath({ brush: { shape, size } }, { x: 2.3, y: 1.9 }, { ...VIEW, zoom });
}

test("the smallest brush is drawn around the one pixel that it paints", () => {
  expect(path("round", 1)).toBe("M22 24L22 28L18 28L18 24z");
  expect(path("square", 1)).toBe("M18 24h4v4h-4z");
});

test("a round brush is drawn pixel by pixel where pixels are seen, and as a circle elsewhere", () => {
  expect(path("round", 3)).toBe("M26 20L26 24L26 24L26 28L26 28L26 32L14 32L14 28L14 28L14 24L14 24L14 20z");
  expect(path("round", 3, 1)).toBe("M11 21.5a1.5 1.5 0 1 0 3 0a1.5 1.5 0 1 0 -3 0");
});
