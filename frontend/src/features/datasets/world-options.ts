import { isObject } from "../../lib/json-pointer";

/** A whole number that a world can be drawn with. */
export interface NumberOption {
  name: string;
  description: string;
  standard: number;
  min: number | undefined;
  max: number | undefined;
}

/** The whole numbers of a world's JSON Schema, in its order. */
export function numberOptions(schema: Record<string, unknown>): NumberOption[] {
  const properties = isObject(schema.properties) ? schema.properties : {};
  return Object.entries(properties).flatMap(([name, raw]) => {
    if (!isObject(raw) || raw.type !== "integer" || typeof raw.default !== "number") {
      return [];
    }
    return [
      {
        name,
        description: typeof raw.description === "string" ? raw.description : "",
        standard: raw.default,
        min: numberOf(raw.minimum),
        max: numberOf(raw.maximum),
      },
    ];
  });
}

function numberOf(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}
