import type { MethodSummary } from "../../api/types";
import type { JsonDocument } from "./draft";

/** What a document begins with: its preset where there is such a one, else its method; null where it names neither. */
export function beginningOf(document: JsonDocument, methods: readonly Pick<MethodSummary, "name" | "presets">[]): string | null {
  const method = methods.find(({ name }) => name === document.method);
  const { preset } = document;
  return typeof preset === "string" && method?.presets.includes(preset) ? preset : (method?.name ?? null);
}

/** The method of a beginning, and its preset where it is one: "method/name" -> method with preset method/name. */
export function partsOfBeginning(beginning: string): { method: string; preset: string | null } {
  const [method = ""] = beginning.split("/");
  return { method, preset: method === beginning ? null : beginning };
}
