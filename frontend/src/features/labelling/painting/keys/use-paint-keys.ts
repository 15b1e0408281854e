import { type KeyPress, keyNames, useKeys } from "../../../../lib/keys";
import { useSettledKeys } from "../../answering/use-settled-keys";
import { type Tool, TOOLS } from "../../engine/tool-settings";
import { useHasChoice } from "../assistant/use-assistant";
import type { PaintWork } from "../load-work";
import type { Painting } from "../use-painting";
import type { Command } from "./commands";
import { classAction, type KeyBindings } from "./key-bindings";
import { useHeld } from "./use-held";
import { useKeyPointer } from "./use-key-pointer";

const ZOOM_STEP = 1.25;

/** What keys ask of the page beside the canvas. */
export interface PageActions {
  skip: () => void;
  searchClass: () => void;
  showKeys: () => void;
  showInstructions: () => void;
  showComments: () => void;
}

type Actions = Partial<Record<Command, () => void>>;

/** Every action by a key, with the keys that the person has chosen. Returns what is held. */
export function usePaintKeys(work: PaintWork, painting: Painting, bindings: KeyBindings, page: PageActions) {
  const { change, tools, track } = painting;
  const hasChoice = useHasChoice(painting.assistant.session);
  const commands: Actions = { ...toolActions(painting), ...workActions(painting), ...viewActions(painting) };
  commands["class.unsure"] = () => change({ type: "class", id: work.query.ignore_id });
  commands["class.search"] = page.searchClass;
  commands["sheet.keys"] = page.showKeys;
  commands["sheet.instructions"] = page.showInstructions;
  commands["comment.say"] = page.showComments;
  const classes = work.query.classes.map(({ id, name }) => [classAction(name), () => painting.chooseClass(id)] as const);
  useKeys(byKey(bindings, { ...commands, ...Object.fromEntries(classes) }));
  useKeys({
    Enter: () => {
      if (!painting.acceptMask() && tools.closePolygon()) {
        painting.stepped();
      }
      track.move(track.place, track.isByKeys);
    },
    Backspace: () => tools.dropCorner() && track.move(track.place, track.isByKeys),
    // Without masks to choose from Tab leads through the page, as everywhere.
    ...(hasChoice && { Tab: () => painting.assistant.session.next(), "shift+Tab": () => painting.assistant.session.next(-1) }),
    Escape: () => {
      tools.drop();
      track.move(track.place);
    },
  });
  // What ends a query waits until it has been seen for a moment: who presses twice means the one before.
  useSettledKeys(work.query.id, byKey(bindings, { "answer.skip": page.skip, "answer.send": () => painting.submit(false) }));
  useKeyPointer(painting, work, holds(bindings, "pointer.press"));
  return { isPanning: useHeld(holds(bindings, "view.pan")), isHiding: useHeld(holds(bindings, "view.hide")) };
}

function byKey(bindings: KeyBindings, actions: Readonly<Record<string, (() => void) | undefined>>): Record<string, () => void> {
  return Object.fromEntries([...bindings.actions].flatMap(([key, action]) => (actions[action] === undefined ? [] : [[key, actions[action]]])));
}

/** Tells whether a press is that of a command's key. */
function holds(bindings: KeyBindings, command: Command): (press: KeyPress) => boolean {
  return (press) => keyNames(press).some((name) => bindings.actions.get(name) === command);
}

function toolActions({ change, tools, track, state }: Painting): Actions {
  const choose = (tool: Tool) => [`tool.${tool}`, () => change({ type: "tool", tool })] as const;
  return {
    ...Object.fromEntries(TOOLS.map(choose)),
    // Over the image the key picks at once, and the tool stays in the hand.
    "tool.pick": () => (track.place === null ? change({ type: "tool", tool: "pick" }) : tools.pick(track.place)),
    "brush.smaller": () => change({ type: "size", steps: -1 }),
    "brush.larger": () => change({ type: "size", steps: 1 }),
    "brush.shape": () => change({ type: "shape" }),
    "class.swap": () => change({ type: "swap" }),
    "class.lock": () => change({ type: "lock", id: state.classId }),
    "class.hide": () => change({ type: "hide", id: state.classId }),
    "rule.next": () => change({ type: "rule" }),
  };
}

function workActions({ history, whole, go }: Painting): Actions {
  return {
    "history.undo": history.undo,
    "history.redo": history.redo,
    "place.next": () => go(1),
    "place.previous": () => go(-1),
    "proposal.all": whole.takeAll,
    "proposal.class": whole.takeClass,
    "proposal.place": whole.takePlace,
    "all.empty": whole.empty,
    "mend.holes": whole.fillHoles,
    "mend.islands": whole.removeIslands,
    "mend.replace": whole.replaceLast,
  };
}

function viewActions({ change, state, ...view }: Painting): Actions {
  const set = (values: Extract<Parameters<typeof change>[0], { type: "set" }>["values"]) => change({ type: "set", values });
  return {
    "view.fit": view.fit,
    "view.actual": view.actual,
    "view.in": () => view.zoomBy(ZOOM_STEP),
    "view.out": () => view.zoomBy(1 / ZOOM_STEP),
    "view.outline": () => set({ isOutline: !state.isOutline }),
    "view.fainter": () => change({ type: "opacity", steps: -1 }),
    "view.stronger": () => change({ type: "opacity", steps: 1 }),
    "view.uncertainty": () => set({ hasHeat: !state.hasHeat }),
    "view.minimap": () => set({ hasMinimap: !state.hasMinimap }),
  };
}
