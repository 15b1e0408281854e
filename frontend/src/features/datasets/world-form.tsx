import { NumberInput, SegmentedControl, SimpleGrid, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";

import type { DatasetKind, FaultEntry } from "../../api/types";
import { QueryFace } from "../../components/query-face";
import { kindsQuery } from "./dataset-queries";
import { numberOptions, type NumberOption } from "./world-options";

interface WorldFormProps {
  faults: readonly FaultEntry[];
  onChange: (world: Record<string, unknown>) => void;
}

/** Which built-in world is drawn, and how. */
export function WorldForm({ faults, onChange }: WorldFormProps) {
  const kinds = useQuery(kindsQuery());
  const [chosen, setChosen] = useState<string | null>(null);
  return (
    <QueryFace query={kinds} height={120}>
      {({ items }) => {
        const worlds = items.filter((kind) => kind.kind === "world");
        const world = worlds.find((kind) => kind.name === chosen) ?? worlds[0];
        return (
          <Stack gap="xs">
            {worlds.length > 1 && (
              <SegmentedControl
                aria-label="world"
                data={worlds.map((kind) => kind.name)}
                value={world?.name ?? ""}
                onChange={setChosen}
              />
            )}
            {world !== undefined && <WorldOptions key={world.name} world={world} faults={faults} onChange={onChange} />}
          </Stack>
        );
      }}
    </QueryFace>
  );
}

function WorldOptions({ world, faults, onChange }: { world: DatasetKind } & WorldFormProps) {
  const options = numberOptions(world.options);
  const [values, setValues] = useState<Record<string, number | string>>({});
  // The defaults are an answer already: the form can be sent as it stands.
  useEffect(() => onChange({ world: world.name }), [world.name]); // eslint-disable-line react-hooks/exhaustive-deps
  const change = (name: string, value: number | string) => {
    const next = { ...values, [name]: value };
    setValues(next);
    const typed = Object.entries(next).filter(([, entry]) => entry !== "");
    onChange({ world: world.name, ...Object.fromEntries(typed) });
  };
  return (
    <>
      <Text size="sm">{world.title}. It is drawn once, identically on every machine, and kept.</Text>
      <SimpleGrid cols={{ base: 1, xs: 2 }}>
        {options.map((option) => (
          <OptionInput
            key={option.name}
            option={option}
            value={values[option.name] ?? option.standard}
            fault={faults.find((fault) => fault.pointer === `/world/${option.name}`)?.message}
            onChange={(value) => change(option.name, value)}
          />
        ))}
      </SimpleGrid>
    </>
  );
}

interface OptionInputProps {
  option: NumberOption;
  value: number | string;
  fault: string | undefined;
  onChange: (value: number | string) => void;
}

function OptionInput({ option, value, fault, onChange }: OptionInputProps) {
  return (
    <NumberInput
      label={option.name.replaceAll("_", " ")}
      description={option.description}
      value={value}
      error={fault}
      allowDecimal={false}
      onChange={onChange}
      {...(option.min !== undefined && { min: option.min })}
      {...(option.max !== undefined && { max: option.max })}
    />
  );
}
