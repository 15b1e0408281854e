import { intersection, type Point, type Rect } from "./rect";

export const MIN_ZOOM = 0.05;
export const MAX_ZOOM = 32;

/** How an image lies on a screen. All lengths of the screen are device pixels, so that nothing is rounded twice. */
export interface Viewport {
  /** Device pixels that one pixel of the image takes in each direction. */
  zoom: number;
  /** Place of the image's upper left corner on the screen. */
  x: number;
  y: number;
}

export interface Size {
  width: number;
  height: number;
}

/** The place in the image under a place on the screen. */
export function toImage({ zoom, x, y }: Viewport, place: Point): Point {
  return { x: (place.x - x) / zoom, y: (place.y - y) / zoom };
}

/** The place on the screen of a place in the image. */
export function toScreen({ zoom, x, y }: Viewport, place: Point): Point {
  return { x: place.x * zoom + x, y: place.y * zoom + y };
}

/** The image whole, in the middle of the screen. */
export function fitted(image: Size, screen: Size): Viewport {
  const zoom = clampedZoom(Math.min(screen.width / image.width, screen.height / image.height));
  return centred(image, screen, zoom);
}

/** The image in the middle of the screen. */
export function centred(image: Size, screen: Size, zoom: number): Viewport {
  return whole({ zoom, x: (screen.width - image.width * zoom) / 2, y: (screen.height - image.height * zoom) / 2 });
}

/** A place of the image in the middle of the screen. */
export function centredOn(place: Point, screen: Size, zoom: number): Viewport {
  return whole({ zoom, x: screen.width / 2 - place.x * zoom, y: screen.height / 2 - place.y * zoom });
}

/** Another zoom, with the place under the pointer where it was. */
export function zoomedAt(view: Viewport, place: Point, zoom: number): Viewport {
  const next = clampedZoom(zoom);
  const at = toImage(view, place);
  return whole({ zoom: next, x: place.x - at.x * next, y: place.y - at.y * next });
}

/** The view moved by device pixels, so far that a part of the image stays in sight. */
export function panned(view: Viewport, dx: number, dy: number, image: Size, screen: Size): Viewport {
  const kept = 32;
  const within = (value: number, length: number, room: number) => Math.min(room - kept, Math.max(kept - length * view.zoom, value));
  return {
    zoom: view.zoom,
    x: within(view.x + Math.round(dx), image.width, screen.width),
    y: within(view.y + Math.round(dy), image.height, screen.height),
  };
}

/** A rectangle of the image, with room around it, in the middle of the screen. */
export function showing(rect: Rect, screen: Size): Viewport {
  const [width, height] = [rect.right - rect.left, rect.bottom - rect.top];
  const zoom = clampedZoom(Math.min(8, screen.width / (2 * width), screen.height / (2 * height)));
  return centredOn({ x: (rect.left + rect.right) / 2, y: (rect.top + rect.bottom) / 2 }, screen, zoom);
}

/** The pixels of the image that are in sight, those cut by the border included. */
export function visible(view: Viewport, image: Size, screen: Size): Rect {
  const [from, to] = [toImage(view, { x: 0, y: 0 }), toImage(view, { x: screen.width, y: screen.height })];
  const seen = { left: Math.floor(from.x), top: Math.floor(from.y), right: Math.ceil(to.x), bottom: Math.ceil(to.y) };
  return intersection(seen, { left: 0, top: 0, right: image.width, bottom: image.height });
}

function clampedZoom(zoom: number): number {
  return Math.min(MAX_ZOOM, Math.max(MIN_ZOOM, zoom));
}

/** A corner on a whole device pixel: then the edges of the image's pixels are sharp at every whole zoom. */
function whole({ zoom, x, y }: Viewport): Viewport {
  return { zoom, x: Math.round(x), y: Math.round(y) };
}
