/** One raw class id a pixel. */
export interface IndexMap {
  width: number;
  height: number;
  /** Row by row. */
  ids: Uint8Array;
}

/** Read an 8-bit index PNG. */
export async function readIndexMap(address: string): Promise<IndexMap> {
  const image = new Image();
  image.src = address;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = image.naturalWidth;
  canvas.height = image.naturalHeight;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (context === null) {
    throw new Error("this browser gives no canvas to read pixels from");
  }
  context.drawImage(image, 0, 0);
  const { data, width, height } = context.getImageData(0, 0, canvas.width, canvas.height);
  return { width, height, ids: firstChannel(data) };
}

/** The first channel of RGBA bytes. */
export function firstChannel(pixels: Uint8ClampedArray): Uint8Array {
  const channel = new Uint8Array(pixels.length / 4);
  for (let at = 0; at < channel.length; at++) {
    channel[at] = pixels[4 * at] ?? 0;
  }
  return channel;
}
