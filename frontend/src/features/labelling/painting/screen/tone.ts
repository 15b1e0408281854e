/** How bright a picture is seen; of the view alone, in percent, 100 = as it is. */
export interface Tone {
  brightness: number;
  contrast: number;
  /** Above 100 dark parts become brighter. */
  gamma: number;
}

/** Whether a tone leaves a picture as it is. */
export function isPlain({ brightness, contrast, gamma }: Tone): boolean {
  return brightness === 100 && contrast === 100 && gamma === 100;
}

/** For each value of a channel, 0 to 255, the one that is seen: gamma first, then brightness, then contrast around the middle. */
export function toneTable({ brightness, contrast, gamma }: Tone): Uint8ClampedArray {
  return Uint8ClampedArray.from({ length: 256 }, (_, value) => {
    const curved = 255 * (value / 255) ** (100 / Math.max(1, gamma));
    return ((curved * brightness) / 100 - 127.5) * (contrast / 100) + 127.5;
  });
}

/** Change RGBA bytes by a table; their opacity stays. */
export function applyTone(pixels: Uint8ClampedArray, table: Uint8ClampedArray): void {
  for (let at = 0; at < pixels.length; at += 4) {
    pixels[at] = table[pixels[at] ?? 0] ?? 0;
    pixels[at + 1] = table[pixels[at + 1] ?? 0] ?? 0;
    pixels[at + 2] = table[pixels[at + 2] ?? 0] ?? 0;
  }
}
