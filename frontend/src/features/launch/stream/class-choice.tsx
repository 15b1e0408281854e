import { MultiSelect, Text } from "@mantine/core";

import { formatCount } from "../../../lib/format";
import { WarningTexts } from "../section-remarks";

interface ClassChoiceProps {
  label: string;
  hint: string;
  /** What no choice means. */
  empty: string;
  pointer: string;
  names: readonly string[];
  /** Names that can be chosen, the chosen ones among them. */
  offered: readonly string[];
  /** Training images that show a class, by name; null where that is not known. */
  images: ReadonlyMap<string, number | null>;
  faults: readonly string[];
  warnings: readonly string[];
  onChange: (names: string[]) => void;
}

/** Classes chosen by name; the list can be searched. */
export function ClassChoice({ label, hint, empty, pointer, names, offered, images, faults, warnings, onChange }: ClassChoiceProps) {
  const counted = (name: string) => images.get(name) ?? null;
  return (
    <>
      <MultiSelect
        data-pointer={pointer}
        inputWrapperOrder={["label", "input", "error", "description"]}
        label={label}
        description={hint}
        placeholder={names.length === 0 ? empty : ""}
        // A name that is written twice is a fault, and no reason to draw it twice.
        data={[...new Set(offered)]}
        value={[...new Set(names)]}
        onChange={onChange}
        error={faults.length > 0 ? faults.join("; ") : null}
        nothingFoundMessage="No class that is still free has this name"
        maxDropdownHeight={320}
        hidePickedOptions
        searchable
        clearable
        renderOption={({ option }) => (
          <div>
            <Text size="sm">{option.value}</Text>
            {counted(option.value) !== null && (
              <Text size="xs" c="dimmed">
                in {formatCount(counted(option.value) ?? 0, "training image")}
              </Text>
            )}
          </div>
        )}
      />
      <WarningTexts texts={warnings} />
    </>
  );
}
