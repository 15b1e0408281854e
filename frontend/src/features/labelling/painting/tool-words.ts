import type { IconName } from "../../../components/icon";
import type { Tool } from "../engine/tool-settings";

/** What each tool is called on its button, and what it does. */
export const TOOL_WORDS: Record<Tool, { name: string; does: string; icon: IconName }> = {
  brush: { name: "Brush", does: "Paint. The right button or Ctrl erases.", icon: "brush" },
  eraser: { name: "Eraser", does: "Take labels away.", icon: "eraser" },
  polygon: { name: "Polygon", does: "Click corners. Enter or a double click closes it, Backspace takes a corner back, Esc drops it.", icon: "polygon" },
  rectangle: { name: "Rectangle", does: "Drag from corner to corner.", icon: "rectangle" },
  fill: { name: "Fill", does: "Click: the connected pixels of one label get the chosen class.", icon: "fill" },
  wand: { name: "Wand", does: "Click: connected pixels of a similar colour get the chosen class.", icon: "wand" },
  superpixel: {
    name: "Superpixels",
    does: "Click or drag: pieces of similar colour get the chosen class.",
    icon: "superpixel",
  },
  assistant: {
    name: "Assistant",
    does: "Click an object, or drag a box: a model cuts it out. Alt or the right button: not this. Enter or a class takes it, Tab shows another, Esc drops it.",
    icon: "assistant",
  },
  accept: { name: "Accept", does: "Click: take one connected part of the teacher's proposal.", icon: "accept" },
  pick: { name: "Pick", does: "Click: choose the class under the pointer. The key picks at once.", icon: "pick" },
};
