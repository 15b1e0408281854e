import type { Brush } from "./brush";
import type { Proposal } from "./proposal";

export const TOOLS = ["brush", "eraser", "polygon", "rectangle", "fill", "wand", "superpixel", "assistant", "accept", "pick"] as const;
export type Tool = (typeof TOOLS)[number];

export const GRAINS = ["fine", "medium", "coarse"] as const;
/** Size of superpixels. */
export type Grain = (typeof GRAINS)[number];

export interface ToolSettings {
  tool: Tool;
  /** Raw id that is painted. */
  classId: number;
  brush: Brush;
  /** Of the wand, in each channel of the picture, 0 to 255. */
  tolerance: number;
  grain: Grain;
  /** The teacher's least certainty for what is taken of its proposal, percent. */
  certainty: number;
}

/** What the tools look at besides the labels. */
export interface Views {
  /** RGBA of the picture. */
  picture: (() => Uint8ClampedArray) | null;
  proposal: Proposal | null;
}
