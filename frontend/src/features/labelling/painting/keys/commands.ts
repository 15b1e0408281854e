/** Everything that can be done while painting: what it is called, and the key that it has at first.
 *
 * Names of keys are those of `keyName`. A person may change every one; `key-bindings.ts` keeps that.
 */
export const COMMANDS = {
  "tool.brush": ["Tools", "Brush", "b"],
  "tool.eraser": ["Tools", "Eraser", "e"],
  "tool.polygon": ["Tools", "Polygon", "p"],
  "tool.rectangle": ["Tools", "Rectangle", "r"],
  "tool.fill": ["Tools", "Fill", "f"],
  "tool.wand": ["Tools", "Wand", "w"],
  "tool.superpixel": ["Tools", "Superpixels", "s"],
  "tool.assistant": ["Tools", "Assistant: cut an object out by clicks", "c"],
  "tool.accept": ["Tools", "Accept a part of the proposal", "a"],
  "tool.pick": ["Tools", "Pick the class under the pointer", "i"],
  "brush.smaller": ["Tools", "Smaller brush, tolerance or superpixels", "["],
  "brush.larger": ["Tools", "Larger brush, tolerance or superpixels", "]"],
  "brush.shape": ["Tools", "Round or square brush", "shift+b"],
  "class.search": ["Classes", "Search a class", "/"],
  "class.unsure": ["Classes", "Unsure: nobody can tell", "u"],
  "class.swap": ["Classes", "The class before", "x"],
  "class.lock": ["Classes", "Lock the chosen class: nothing paints over it", "shift+l"],
  "class.hide": ["Classes", "Do not draw the chosen class", "shift+h"],
  "rule.next": ["Classes", "Paint over everything, only unlabelled, only one class", "shift+o"],
  "history.undo": ["Work", "Undo", "z"],
  "history.redo": ["Work", "Redo", "shift+z"],
  "place.next": ["Work", "Next queried place", "n"],
  "place.previous": ["Work", "Place before", "shift+n"],
  "answer.send": ["Work", "Send the answer", "mod+Enter"],
  "answer.skip": ["Work", "Skip the query", "k"],
  "comment.say": ["Work", "Comments; say something about the point under the pointer", "shift+t"],
  "proposal.all": ["Whole image", "Take the proposal where it is certain enough", "shift+a"],
  "proposal.class": ["Whole image", "Take the chosen class of the proposal", "shift+c"],
  "proposal.place": ["Whole image", "Take the proposal in the queried place under the pointer", "shift+r"],
  "all.empty": ["Whole image", "Begin empty", "shift+e"],
  "mend.holes": ["Whole image", "Fill holes of the chosen class", "shift+f"],
  "mend.islands": ["Whole image", "Remove islands", "shift+i"],
  "mend.replace": ["Whole image", "Make the class before the chosen one", "shift+x"],
  "view.pan": ["View", "Move the image (hold)", " "],
  "view.hide": ["View", "Hide labels (hold)", "h"],
  "view.fit": ["View", "Show all of it", "v"],
  "view.actual": ["View", "One pixel of the image takes one of the screen", "shift+v"],
  "view.in": ["View", "Zoom in", "+"],
  "view.out": ["View", "Zoom out", "-"],
  "view.outline": ["View", "Outlines alone", "o"],
  "view.fainter": ["View", "Fainter labels", ","],
  "view.stronger": ["View", "Stronger labels", "."],
  "view.uncertainty": ["View", "Where the teacher is uncertain", "m"],
  "view.minimap": ["View", "Small map", "shift+m"],
  "pointer.press": ["Without a mouse", "Press at the cross (hold to draw)", "t"],
  "sheet.instructions": ["Help", "Instructions", "shift+g"],
  "sheet.keys": ["Help", "Keys: read and change them", "?"],
} as const satisfies Readonly<Record<string, readonly [group: string, name: string, key: string]>>;

export type Command = keyof typeof COMMANDS;

/** Every command, in the order in which the sheet shows them. */
export const COMMAND_NAMES = Object.keys(COMMANDS) as Command[];

/** Keys that never change, and so are not given to anything else. */
export const FIXED: readonly (readonly [keys: string, does: string])[] = [
  ["Enter, double click", "close the polygon"],
  ["Enter, the key of a class", "take the assistant's mask"],
  ["Tab", "the assistant's next mask"],
  ["Backspace", "take the last corner or click back"],
  ["Esc", "drop what is begun"],
  ["Arrow keys", "move a cross over the image, ten pixels with Shift"],
  ["Right button, Ctrl, Alt", "erase with any tool; tell the assistant what is beside the object"],
  ["Middle button", "move the image"],
  ["Wheel, Shift and wheel", "zoom; size of the brush"],
];

/** Names of fixed keys. */
export const FIXED_KEYS: readonly string[] = ["Enter", "Backspace", "Escape", "Tab", "ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"];

/** Further keys that do the same, unless somebody gives them another meaning. */
export const ALSO: readonly (readonly [key: string, command: Command])[] = [
  ["=", "view.in"],
  ["mod+z", "history.undo"],
  ["mod+shift+z", "history.redo"],
  ["mod+y", "history.redo"],
];

/** Keys of classes, in their order: whatever a person has given another meaning is left out. */
export const CLASS_KEYS: readonly string[] = Array.from("1234567890dgjlqy");
