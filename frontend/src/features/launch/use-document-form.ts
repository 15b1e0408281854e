import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";

import { partsOfBeginning } from "./beginning";
import { presetQuery, schemaQuery } from "./launch-queries";
import { formOfSchema, type Section } from "./schema-form";

/** The form of a document's method, and the values where it is silent; null where it has no preset. */
export interface DocumentForm {
  form: Section;
  preset: unknown;
}

/** The form that belongs to what a document begins with; `form` is undefined until it has come. */
export function useDocumentForm(beginning: string) {
  const parts = partsOfBeginning(beginning);
  const schema = useQuery(schemaQuery(parts.method));
  const preset = useQuery(presetQuery(parts.preset));
  const form = useMemo(() => (schema.data === undefined ? undefined : formOfSchema(schema.data)), [schema.data]);
  const isReady = form !== undefined && (parts.preset === null || preset.data !== undefined);
  const waitedFor = schema.data === undefined ? schema : preset;
  const found: DocumentForm | null = isReady ? { form, preset: preset.data?.resolved ?? null } : null;
  return { found, waitedFor };
}
