import type { ComboboxItem, ComboboxParsedItem, OptionsFilter } from "@mantine/core";

/** Keeps the presets that have every word of a search in their name, title or description; `texts` has the latter two by name. */
export function presetFilter(texts: ReadonlyMap<string, string>): OptionsFilter {
  return ({ options, search }) => {
    const words = search.toLowerCase().split(/\s+/).filter(Boolean);
    const isMeant = ({ value, label }: ComboboxItem) => {
      const text = `${label} ${texts.get(value) ?? ""}`.toLowerCase();
      return words.every((word) => text.includes(word));
    };
    return options.flatMap((option): ComboboxParsedItem[] => {
      if (!("group" in option)) {
        return isMeant(option) ? [option] : [];
      }
      const items = option.items.filter(isMeant);
      return items.length > 0 ? [{ ...option, items }] : [];
    });
  };
}
