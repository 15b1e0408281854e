import { isObject, valueAt } from "./json-pointer";

/** Whether the method of an experiment keeps a replay memory: then its config has settings of one. */
export function keepsMemory(experiment: { resolved: Readonly<Record<string, unknown>> }): boolean {
  return isObject(valueAt(experiment.resolved, "/config/memory"));
}
