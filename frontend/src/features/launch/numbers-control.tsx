import { ActionIcon, Button, Group, Input, TextInput } from "@mantine/core";
import { useEffect, useState } from "react";

import { Icon } from "../../components/icon";
import type { TypedControlProps } from "./field-control";
import { valueOfNumber } from "./field-text";

/** A list of numbers, one input each, to which numbers are added and from which they are removed. */
export function NumbersControl({ field, value, look, onChange, onTyping }: TypedControlProps) {
  const held = JSON.stringify(value ?? null);
  const numbers = Array.isArray(value) ? value.map(String) : [];
  const [typed, setTyped] = useState({ texts: numbers, over: held });
  const texts = typed.over === held ? typed.texts : numbers;
  const unreadable = texts.map((text) => valueOfNumber(field, text.trim())).find((read) => !read.isValid);
  const message = unreadable?.isValid === false ? unreadable.message : null;
  const { pointer, length, isNullable, name } = field;
  useEffect(() => {
    if (message === null) {
      return;
    }
    onTyping(pointer, message);
    return () => onTyping(pointer, null);
  }, [pointer, message, onTyping]);
  const write = (next: readonly string[]) => {
    const reads = next.map((text) => valueOfNumber(field, text.trim()));
    if (!reads.every((read) => read.isValid)) {
      setTyped({ texts: [...next], over: held });
      return;
    }
    const written = next.length === 0 && isNullable ? null : reads.map((read) => read.value);
    setTyped({ texts: [...next], over: JSON.stringify(written) });
    onChange(written);
  };
  // A pair comes and goes as a whole.
  const isFixed = length.min > 0 && length.min === length.max;
  const added = Array.from({ length: isFixed ? length.min : 1 }, () => texts.at(-1) ?? "1");
  const canRemove = isFixed ? isNullable : texts.length > length.min;
  return (
    <Input.Wrapper {...look} labelElement="div" error={message ?? look.error}>
      <Group gap="xs" role="group" aria-label={name}>
        {texts.map((text, place) => (
          <Group key={place} gap={2} wrap="nowrap">
            <TextInput
              w={76}
              inputMode="decimal"
              aria-label={`${name}, number ${place + 1}`}
              value={text}
              onChange={(event) => write(texts.with(place, event.currentTarget.value))}
            />
            {canRemove && !isFixed && (
              <ActionIcon
                variant="subtle"
                color="gray"
                aria-label={`remove number ${place + 1} of ${name}`}
                onClick={() => write(texts.toSpliced(place, 1))}
              >
                <Icon name="cancel" size={14} />
              </ActionIcon>
            )}
          </Group>
        ))}
        {texts.length + added.length <= length.max && (
          <Button size="xs" variant="default" aria-label={isFixed ? `set ${name}` : `add a number to ${name}`} onClick={() => write([...texts, ...added])}>
            {isFixed ? "Set" : "Add"}
          </Button>
        )}
        {isFixed && canRemove && texts.length > 0 && (
          <Button size="xs" variant="default" aria-label={`clear ${name}`} onClick={() => write([])}>
            Clear
          </Button>
        )}
      </Group>
    </Input.Wrapper>
  );
}
