import type { DatasetKind, DatasetRoot, DatasetSummary } from "../../../api/types";
import { formatCount, formatNumber } from "../../../lib/format";
import { isObject } from "../../../lib/json-pointer";
import type { JsonDocument } from "../draft";

/** A dataset that can be chosen, as a document names it. */
export interface DatasetChoice {
  key: string;
  group: "Registered" | "Folders on the server" | "Built-in worlds";
  label: string;
  /** Classes and images, or why it is not ready. */
  hint: string;
  spec: JsonDocument;
  /** Layout of a folder; null for a built-in world. */
  adapter: string | null;
}

interface Offers {
  registered: readonly DatasetSummary[];
  roots: readonly DatasetRoot[];
  kinds: readonly DatasetKind[];
}

/** What can be chosen: registered datasets, the ready ones first, then folders that an adapter reads, then worlds. */
export function choicesOf({ registered, roots, kinds }: Offers): DatasetChoice[] {
  const known = [...registered].sort((one, other) => Number(other.state === "ready") - Number(one.state === "ready"));
  const chosen = known.map(ofRegistered);
  const folders = roots.flatMap((root) => root.folders).map(ofFolder);
  const worlds = kinds.filter((kind) => kind.kind === "world").map(ofWorld);
  const isNew = (choice: DatasetChoice) => !chosen.some((other) => isSameFolder(other.spec, choice.spec));
  return [...chosen, ...folders.filter(isNew), ...worlds];
}

/** The choice that a document's dataset is; null where it names another one. */
export function choiceOf(choices: readonly DatasetChoice[], dataset: unknown): DatasetChoice | null {
  if (!isObject(dataset)) {
    return null;
  }
  const isSame = (choice: DatasetChoice) =>
    Object.entries(choice.spec).every(([key, value]) => value === "" || dataset[key] === undefined || dataset[key] === value);
  const isNamed = (choice: DatasetChoice) =>
    choice.adapter === null ? choice.spec.world === dataset.world : isSameFolder(choice.spec, dataset);
  return choices.find((choice) => isNamed(choice) && isSame(choice)) ?? choices.find(isPlain(isNamed)) ?? null;
}

/** Those whose layout a preset was written for; all where none is asked for. */
export function ofLayout(choices: readonly DatasetChoice[], adapter: string | null): DatasetChoice[] {
  return choices.filter((choice) => adapter === null || choice.adapter === adapter);
}

/** A registered dataset is chosen with its splits and options; a folder or a world stands for any of them. */
function isPlain(isNamed: (choice: DatasetChoice) => boolean) {
  return (choice: DatasetChoice) => choice.group !== "Registered" && isNamed(choice);
}

function isSameFolder(one: JsonDocument, other: JsonDocument): boolean {
  return one.root !== undefined && one.root === other.root && one.adapter === other.adapter;
}

function ofRegistered(dataset: DatasetSummary): DatasetChoice {
  const isReady = dataset.state === "ready";
  const content = contentText(dataset.num_classes, dataset.splits);
  return {
    key: `registered ${dataset.id}`,
    group: "Registered",
    label: dataset.name,
    hint: isReady ? content : `${dataset.state}${dataset.message === null ? "" : `: ${dataset.message}`}`,
    spec: dataset.spec,
    adapter: typeof dataset.spec.adapter === "string" ? dataset.spec.adapter : null,
  };
}

function ofFolder(folder: DatasetRoot["folders"][number]): DatasetChoice {
  return {
    key: `folder ${folder.adapter} ${folder.path}`,
    group: "Folders on the server",
    label: folder.path,
    hint: `layout ${folder.adapter}, ${contentText(folder.num_classes, folder.splits)}`,
    spec: { adapter: folder.adapter, root: folder.path },
    adapter: folder.adapter,
  };
}

function ofWorld(kind: DatasetKind): DatasetChoice {
  return {
    key: `world ${kind.name}`,
    group: "Built-in worlds",
    label: kind.name,
    hint: kind.title,
    spec: { world: kind.name },
    adapter: null,
  };
}

function contentText(classes: number, splits: readonly { name: string; images: number }[]): string {
  const images = splits.map((split) => `${formatNumber(split.images)} ${split.name}`).join(" + ");
  return `${formatCount(classes, "class", "classes")}, ${images || "no"} images`;
}
