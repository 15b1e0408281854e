import { Radio, Select, Stack, Switch } from "@mantine/core";

import type { ImportTerms } from "../../../api/types";
import { IMPORT_FORMATS, OVERLAPS } from "./formats";

/** What a person chooses of an import. */
export type ChosenTerms = Pick<Required<ImportTerms>, "format" | "overlap" | "allow_unsure" | "replace_others">;

interface ImportTermsFieldsProps {
  terms: ChosenTerms;
  onChange: (terms: ChosenTerms) => void;
}

/** In which form labels come, and how they are meant. */
export function ImportTermsFields({ terms, onChange }: ImportTermsFieldsProps) {
  const change = (changes: Partial<ChosenTerms>) => onChange({ ...terms, ...changes });
  return (
    <Stack>
      <Radio.Group label="Format" value={terms.format} onChange={(chosen) => change({ format: chosen })}>
        <Stack gap="xs" mt="xs">
          {IMPORT_FORMATS.map((one) => (
            <Radio key={one.value} {...one} />
          ))}
        </Stack>
      </Radio.Group>
      {terms.format === "coco" && (
        <Select
          label="Pixels that annotations of two classes cover"
          data={OVERLAPS}
          value={terms.overlap}
          allowDeselect={false}
          onChange={(chosen) => chosen !== null && change({ overlap: chosen })}
        />
      )}
      <Switch
        label="pixels without a class are meant"
        description="Otherwise a file that leaves out queried pixels is refused."
        checked={terms.allow_unsure}
        onChange={(event) => change({ allow_unsure: event.currentTarget.checked })}
      />
      <Switch
        label="take the place of other people's answers"
        description="Otherwise a query that somebody else has answered keeps that answer."
        checked={terms.replace_others}
        onChange={(event) => change({ replace_others: event.currentTarget.checked })}
      />
    </Stack>
  );
}
