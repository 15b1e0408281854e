import { Autocomplete, Code, Select, Switch, TagsInput, Text, Textarea, TextInput } from "@mantine/core";
import { useEffect, useState } from "react";

import { Icon } from "../../components/icon";
import { formatSetting } from "../../lib/format";
import { textOfValue, valueOfText } from "./field-text";
import { NumbersControl } from "./numbers-control";
import type { OwnChange } from "./own-change";
import { PresetMark } from "./preset-mark";
import { boundsText, type Field } from "./schema-field";

interface FieldControlProps {
  field: Field;
  value: unknown;
  /** Names that a split can have, among others. */
  offers?: readonly string[];
  /** What the preset gives, where the document says something else. */
  change?: OwnChange | null;
  faults: readonly string[];
  warnings: readonly string[];
  onChange: (value: unknown) => void;
  /** Told why what a control holds cannot be read, and null when it can be again or the control goes. */
  onTyping: (pointer: string, message: string | null) => void;
}

/** What it means stands below, so that controls side by side begin at one height. */
const ORDER: ("label" | "input" | "error" | "description")[] = ["label", "input", "error", "description"];

const NOTHING_OFFERED: readonly string[] = [];

/** The control of one setting, with what it means, what is allowed, and what was published. */
export function FieldControl(props: FieldControlProps) {
  return (
    <div className="field" data-changed={props.change ? true : undefined}>
      <Control {...props} />
    </div>
  );
}

function Control({ field, value, offers = NOTHING_OFFERED, change = null, faults, warnings, onChange, onTyping }: FieldControlProps) {
  const look = {
    "data-pointer": field.pointer,
    inputWrapperOrder: ORDER,
    label: field.name,
    description: <FieldHint field={field} value={value} change={change} warnings={warnings} onChange={onChange} />,
    error: faults.length > 0 ? faults.join("; ") : null,
  };
  if (field.kind === "switch") {
    return <Switch {...look} checked={value === true} onChange={(event) => onChange(event.currentTarget.checked)} />;
  }
  if (field.kind === "choice") {
    const choose = (chosen: string | null) => onChange(field.options.find((option) => String(option) === chosen) ?? null);
    const data = field.options.map((option) => ({ value: String(option), label: field.optionLabels[String(option)] ?? String(option) }));
    return (
      <Select
        {...look}
        data={data}
        value={value == null ? null : formatSetting(value)}
        onChange={choose}
        allowDeselect={field.isNullable}
        clearable={field.isNullable}
      />
    );
  }
  if (field.kind === "numbers") {
    return <NumbersControl field={field} value={value} look={look} onChange={onChange} onTyping={onTyping} />;
  }
  if (field.kind === "texts") {
    const texts = Array.isArray(value) ? value.map(String) : [];
    return <TagsInput {...look} data={[]} value={texts} onChange={onChange} acceptValueOnBlur />;
  }
  return <TypedControl field={field} value={value} offers={offers} look={look} onChange={onChange} onTyping={onTyping} />;
}

export interface TypedControlProps extends Omit<FieldControlProps, "change" | "faults" | "warnings"> {
  look: { label: string; description: React.ReactNode; error: string | null };
}

/** A control that is typed into: the text stays as typed while it means the same value, or cannot be read and nothing else was set. */
function TypedControl({ field, value, offers = NOTHING_OFFERED, look, onChange, onTyping }: TypedControlProps) {
  const held = JSON.stringify(value ?? null);
  const [typed, setTyped] = useState(() => ({ text: textOfValue(field, value), over: held }));
  const read = valueOfText(field, typed.text);
  const isSame = read.isValid ? JSON.stringify(read.value) === held || read.value === value : typed.over === held;
  const text = isSame ? typed.text : textOfValue(field, value);
  const unreadable = isSame && !read.isValid ? read.message : null;
  const { pointer } = field;
  useEffect(() => {
    if (unreadable === null) {
      return;
    }
    onTyping(pointer, unreadable);
    return () => onTyping(pointer, null);
  }, [pointer, unreadable, onTyping]);
  const change = (next: string) => {
    setTyped({ text: next, over: held });
    const result = valueOfText(field, next);
    if (result.isValid) {
      onChange(result.value);
    }
  };
  const shared = {
    ...look,
    error: unreadable ?? look.error,
    value: text,
    placeholder: field.isNullable ? "not set" : "",
    onChange: (event: { currentTarget: { value: string } }) => change(event.currentTarget.value),
  };
  if (field.isSplit) {
    // The others stay offered once one is chosen: the list is short.
    return <Autocomplete {...shared} onChange={change} data={[...offers]} filter={({ options }) => options} />;
  }
  return field.kind === "json" ? (
    <Textarea
      {...shared}
      autosize
      minRows={1}
      maxRows={8}
      styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)" } }}
    />
  ) : (
    <TextInput {...shared} inputMode={field.kind === "text" ? "text" : "decimal"} />
  );
}

type FieldHintProps = Pick<FieldControlProps, "field" | "value" | "warnings" | "onChange"> & { change: OwnChange | null };

function FieldHint({ field, value, change, warnings, onChange }: FieldHintProps) {
  const bounds = boundsText(field.bounds);
  const known = [value ?? null, ...(change === null ? [] : [change.given])].map((said) => JSON.stringify(said));
  const isOther = field.published !== undefined && !known.includes(JSON.stringify(field.published));
  return (
    <>
      {field.description}
      {bounds !== "" && ` (${bounds})`}
      {isOther && field.pointer.startsWith("/config") && (
        <Text span size="xs" fw={600} c="orange">
          {" "}
          published: <Code fz="xs">{settingText(field.published)}</Code>
        </Text>
      )}
      {change !== null && <PresetMark name={field.name} said={settingText(change.given)} onReset={() => onChange(change.given)} />}
      {warnings.map((warning) => (
        <Text key={warning} span display="block" size="xs" fw={500} className="warning-text">
          <Icon name="failed" size={12} /> {warning}
        </Text>
      ))}
    </>
  );
}

function settingText(value: unknown): string {
  return value === null ? "not set" : formatSetting(value);
}
