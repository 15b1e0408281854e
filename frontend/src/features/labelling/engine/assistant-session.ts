import type { Answer, Ask, Candidate } from "./candidate";
import { cutSpans } from "./image-fit";
import { SOURCE } from "./label-map";
import type { Painter } from "./painter";
import { boxBetween, isSamePixel, pixelAt } from "./pixels";
import type { Click, Question } from "./question";
import { Press } from "./press";
import type { Point } from "./rect";
import type { Size } from "./viewport";

/** What a person asks the assistant about one object, until the mask is taken or dropped. */
export class AssistantSession {
  /** The clicks that were made. */
  clicks: readonly Click[] = [];
  private box: readonly [Point, Point] | null = null;
  /** Answer to the clicks and the box. */
  private answer: Answer | null = null;
  /** Answer to a click where the pointer is, while nothing is asked yet. */
  private preview: Answer | null = null;
  private pressed: Press | null = null;
  private choice = 0;
  /** Whether an answer is awaited; until then the mask of the question before is in sight. */
  isWaiting = false;
  /** Raised when something newer makes an answer useless. */
  private asked = 0;
  private readonly listeners = new Set<() => void>();
  /** Raised with every change, for whoever draws it. */
  version = 0;
  constructor(
    private readonly image: Size,
    private readonly ask: Ask,
  ) {}

  readonly listen = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  get hasQuestion(): boolean {
    return this.clicks.length > 0 || this.box !== null;
  }

  /** The masks on offer; those of the preview while nothing is asked. */
  get candidates(): readonly Candidate[] {
    return (this.answer ?? (this.hasQuestion ? null : this.preview))?.candidates ?? [];
  }

  get chosen(): number {
    return Math.min(this.choice, this.candidates.length - 1);
  }

  get candidate(): Candidate | null {
    return this.candidates[this.chosen] ?? null;
  }

  /** Whether the mask in sight only follows the pointer. */
  get isPreview(): boolean {
    return !this.hasQuestion;
  }

  /** The box that is being drawn. */
  get drawnBox(): readonly [Point, Point] | null {
    return this.pressed?.box ?? this.box;
  }

  /** The pointer rests or moves here with no button down; null where it has left the image. */
  hover(place: Point | null): void {
    if (this.hasQuestion || this.pressed !== null) {
      return;
    }
    const pixel = place === null ? null : pixelAt(place, this.image);
    if (pixel === null) {
      this.preview = null;
      this.changed();
    } else if (!isSamePixel(this.preview?.question.clicks[0], pixel)) {
      void this.fetch({ clicks: [{ ...pixel, isPositive: true }], box: null, mask: null }, (answer) => {
        this.preview = answer;
      });
    }
  }

  /** A button goes down; `scale` is how many pixels of the screen a pixel of the image takes. */
  press(place: Point, isPositive: boolean, scale: number): void {
    this.pressed = new Press(place, isPositive, scale);
  }

  /** The pointer moves with the button down. */
  move(place: Point): void {
    if (this.pressed !== null) {
      this.pressed.move(place);
      this.changed();
    }
  }

  /** The button goes up: that was a click, or a box. */
  release(place: Point): void {
    const { pressed } = this;
    this.pressed = null;
    if (pressed?.box === null) {
      this.click(pressed.place, pressed.isPositive);
    } else if (pressed !== null) {
      this.box = boxBetween(pressed.place, place, this.image);
      this.askAgain(null);
    }
  }

  /** Take the last click back, or the box. Returns whether there was one. */
  takeBack(): boolean {
    const had = this.hasQuestion;
    this.box = this.clicks.length > 0 ? this.box : null;
    this.clicks = this.clicks.slice(0, -1);
    this.askAgain(null);
    return had;
  }

  /** Show another of the candidates. */
  next(by: 1 | -1 = 1): void {
    const count = this.candidates.length;
    if (count > 0) {
      this.choose((this.chosen + by + count) % count);
    }
  }

  choose(index: number): void {
    this.choice = index;
    this.changed();
  }

  /** Paint the mask as one step. Returns whether that changed anything; a preview is not taken. */
  accept(painter: Painter, id: number): boolean {
    const candidate = this.answer === null || this.isWaiting ? null : this.candidate;
    if (candidate === null) {
      return false;
    }
    const isStep = painter.act(id, SOURCE.assisted, (edit) => cutSpans(candidate.cut, edit.span));
    this.drop();
    return isStep;
  }

  /** Forget what was asked. Returns whether anything was. */
  drop(): boolean {
    const had = this.hasQuestion || this.pressed !== null || this.preview !== null;
    this.clicks = [];
    this.box = this.answer = this.preview = this.pressed = null;
    this.choice = 0;
    this.isWaiting = false;
    this.asked++;
    this.changed();
    return had;
  }

  private click(place: Point, isPositive: boolean): void {
    const pixel = pixelAt(place, this.image);
    if (pixel === null) {
      return;
    }
    const { preview } = this;
    const isFirst = !this.hasQuestion;
    const refined = isFirst ? null : this.candidate;
    this.clicks = [...this.clicks, { ...pixel, isPositive }];
    if (isFirst && isPositive && isSamePixel(preview?.question.clicks[0], pixel)) {
      // What the preview shows is the answer: nothing is computed again.
      this.answer = preview;
      this.asked++;
      this.changed();
    } else {
      this.askAgain(refined?.logits ?? null);
    }
  }

  /** @param mask logits of the mask to refine. */
  private askAgain(mask: Float32Array | null): void {
    this.preview = null;
    this.answer = this.hasQuestion ? this.answer : null;
    this.isWaiting = this.hasQuestion;
    this.asked++;
    if (this.hasQuestion) {
      void this.fetch({ clicks: this.clicks, box: this.box, mask }, (answer) => {
        this.answer = answer;
        this.choice = 0;
        this.isWaiting = false;
      });
    }
    this.changed();
  }

  private async fetch(question: Question, take: (answer: Answer) => void): Promise<void> {
    const number = ++this.asked;
    const candidates = await this.ask(question);
    if (candidates !== null && number === this.asked) {
      take({ question, candidates });
      this.changed();
    }
  }

  private changed(): void {
    this.version++;
    this.listeners.forEach((listener) => listener());
  }
}
