import type { AssistantSession } from "./assistant-session";
import { brushSpans } from "./brush";
import { componentSpans, wandSpans } from "./flood";
import { SOURCE } from "./label-map";
import type { Painter } from "./painter";
import { polygonSpans, rectangleSpans } from "./polygon";
import { acceptComponent, mostUncertain } from "./proposal";
import type { Emit, Point } from "./rect";
import type { Superpixels } from "./superpixels";
import type { ToolSettings, Views } from "./tool-settings";

/** Turns presses and ways of a pointer, in places of the image, into strokes. */
export class ToolBox {
  /** Corners of a polygon that is not closed yet. */
  corners: Point[] = [];
  /** Where a rectangle was begun. */
  origin: Point | null = null;
  /** Presses that painted something: what the work cost. */
  clicks = 0;
  private last: Point | null = null;
  /** The pieces that the image is cut into; null until they are loaded. */
  private pieces: Superpixels | null = null;
  private readonly taken = new Set<number>();
  private isErasing = false;
  private assistant: AssistantSession | null = null;

  constructor(
    readonly painter: Painter,
    private readonly views: Views,
    private settings: ToolSettings,
    private readonly onPick: (id: number) => void,
    private readonly onPress: (place: Point) => void = () => undefined,
  ) {}

  /** Go on with other settings. */
  choose(settings: ToolSettings): void {
    this.settings = settings;
  }

  /** What is asked of the assistant; null where it cannot be asked. */
  help(assistant: AssistantSession | null): void {
    this.assistant = assistant;
  }

  /** The pointer is here with no button down; null where it has left the image. */
  hover(place: Point | null): void {
    this.assistant?.hover(place);
  }

  /** The pieces that the superpixel tool takes. */
  cut(pieces: Superpixels | null): void {
    this.pieces = pieces;
  }

  get superpixels(): Superpixels | null {
    return this.pieces;
  }

  /** The pointer goes down; `isErasing` makes any tool take labels away, and tells the assistant what is beside the object.
   *
   * @param scale pixels of the screen that a pixel of the image takes.
   */
  press(place: Point, isErasing: boolean, scale = 1): void {
    const { tool } = this.settings;
    if (tool === "assistant") {
      this.clicks++;
      this.onPress(place);
      this.assistant?.press(place, !isErasing, scale);
      return;
    }
    this.isErasing = isErasing || tool === "eraser";
    if (tool === "pick") {
      this.pick(place);
      return;
    }
    if (tool === "superpixel" && this.pieces === null) {
      return;
    }
    this.clicks++;
    this.onPress(place);
    if (tool === "superpixel") {
      this.painter.begin(this.id, this.isErasing ? SOURCE.none : SOURCE.assisted);
      this.taken.clear();
      this.last = place;
      this.take(place, place);
    } else if (tool === "brush" || tool === "eraser") {
      this.painter.begin(this.id, this.source);
      this.last = place;
      this.painter.draw((edit) => brushSpans(this.settings.brush, place, place, edit.span));
    } else if (tool === "rectangle") {
      this.origin = place;
    } else if (tool === "polygon") {
      this.corners.push(place);
    } else {
      this.pour(place);
    }
  }

  /** Choose the class of a pixel, whatever the tool. */
  pick(place: Point): void {
    this.onPick(this.painter.map.at(Math.floor(place.x), Math.floor(place.y)));
  }

  /** The pointer goes on, down. */
  move(place: Point): void {
    const { last } = this;
    this.assistant?.move(place);
    if (last !== null && this.settings.tool === "superpixel") {
      this.take(last, place);
      this.last = place;
    } else if (last !== null) {
      this.painter.draw((edit) => brushSpans(this.settings.brush, last, place, edit.span));
      this.last = place;
    }
  }

  /** The pointer goes up. Returns whether that ended a step. */
  release(place: Point): boolean {
    const { origin } = this;
    this.assistant?.release(place);
    if (this.last !== null) {
      this.last = null;
      return this.painter.end();
    }
    this.origin = null;
    return origin !== null && this.paint((emit) => rectangleSpans(origin, place, emit));
  }

  /** Close the polygon. Returns whether that was a step. */
  closePolygon(): boolean {
    const { corners } = this;
    this.corners = [];
    return corners.length > 2 && this.paint((emit) => polygonSpans(corners, emit));
  }

  /** Take the last corner back, or the last click for the assistant. Returns whether there was one. */
  dropCorner(): boolean {
    return this.corners.pop() !== undefined || (this.assistant?.takeBack() ?? false);
  }

  /** Paint what the assistant offers as one step, with a class or the chosen one. Returns whether that was a step. */
  acceptMask(id = this.settings.classId): boolean {
    return this.settings.tool === "assistant" && (this.assistant?.accept(this.painter, id) ?? false);
  }

  /** Drop what is begun: a stroke, a rectangle, a polygon, a question to the assistant. */
  drop(): void {
    this.assistant?.drop();
    this.corners = [];
    [this.last, this.origin] = [null, null];
    this.painter.cancel();
  }

  /** Take back the press that is under way: what was begun before it stays. */
  dropStroke(): void {
    if (this.last !== null || this.origin !== null) {
      [this.last, this.origin] = [null, null];
      this.painter.cancel();
    } else if (["polygon", "assistant"].includes(this.settings.tool)) {
      this.dropCorner();
    }
  }

  /** Paint the pieces on a way that the stroke has not taken yet. */
  private take(from: Point, to: Point): void {
    const { pieces, taken } = this;
    const found = [...(pieces?.between(from, to) ?? [])].filter((piece) => !taken.has(piece));
    found.forEach((piece) => taken.add(piece));
    this.painter.draw((edit) => found.forEach((piece) => pieces?.spans(piece, edit.span)));
  }

  private get id(): number {
    return this.isErasing ? this.painter.map.ignoreId : this.settings.classId;
  }

  private get source() {
    return this.isErasing ? SOURCE.none : SOURCE.person;
  }

  private paint(draw: (emit: Emit) => void): boolean {
    return this.painter.act(this.id, this.source, (edit) => draw(edit.span));
  }

  private pour(place: Point): void {
    const { map } = this.painter;
    const [column, row] = [Math.floor(place.x), Math.floor(place.y)];
    if (column < 0 || row < 0 || column >= map.width || row >= map.height) {
      return;
    }
    const at = row * map.width + column;
    const { picture, proposal } = this.views;
    if (this.settings.tool === "fill") {
      this.paint((emit) => componentSpans(map, at, emit));
    } else if (this.settings.tool === "wand" && picture !== null) {
      this.paint((emit) => wandSpans(picture(), map, at, this.settings.tolerance, emit));
    } else if (this.settings.tool === "accept" && proposal !== null) {
      this.painter.act(this.id, SOURCE.model, (edit) => acceptComponent(edit, proposal, at, mostUncertain(this.settings.certainty)));
    }
  }
}
