/** One raw class id a pixel. */
export interface IndexMap {
  width: number;
  height: number;
  /** Row by row. */
  ids: Uint8Array;
}

/** Read an 8-bit index PNG.
 *
 * Args:
 *   maxWidth: makes a wider map this wide, by leaving out pixels; no id is made up.
 */
export async function readIndexMap(address: string, maxWidth = Infinity): Promise<IndexMap> {
  const image = new Image();
  image.src = address;
  await image.decode();
  const canvas = document.createElement("canvas");
  const scale = Math.min(1, maxWidth / image.naturalWidth);
  canvas.width = Math.max(1, Math.round(image.naturalWidth * scale));
  canvas.height = Math.max(1, Math.round(image.naturalHeight * scale));
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (context === null) {
    throw new Error("this browser gives no canvas to read pixels from");
  }
  context.imageSmoothingEnabled = false;
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  const { data, width, height } = context.getImageData(0, 0, canvas.width, canvas.height);
  return { width, height, ids: firstChannel(data) };
}

/** The first channel of RGBA bytes. */
export function firstChannel(pixels: Uint8ClampedArray): Uint8Array {
  return Uint8Array.from({ length: pixels.length / 4 }, (_, at) => pixels[4 * at] ?? 0);
}
