import type { DatasetRoot } from "../../../api/types";
import { isObject } from "../../../lib/json-pointer";

/** The splits that a dataset's folder has; none where the service does not know the folder. */
export function splitNamesOf(roots: readonly DatasetRoot[], dataset: unknown): string[] {
  const { root, adapter } = isObject(dataset) ? dataset : {};
  const folders = roots.flatMap((each) => each.folders);
  return folders.find((folder) => folder.path === root && folder.adapter === adapter)?.split_names ?? [];
}
