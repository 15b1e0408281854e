import { Button, Group, Stack, Text } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useMemo } from "react";

import { ApiError } from "../../../api/api-error";
import { Panel } from "../../../components/panel";
import { Problem } from "../../../components/problem";
import { formatCount } from "../../../lib/format";
import { isWithin, valueAt } from "../../../lib/json-pointer";
import { useStreamPreview } from "../launch-queries";
import { PresetMark } from "../preset-mark";
import type { Section } from "../schema-form";
import { SectionFields, type SectionProps } from "../section-fields";
import { FaultList, WarningTexts } from "../section-remarks";
import { TargetRow } from "./target-row";
import { areOtherTargets, LEAST_TARGETS, pointerOfTarget, readTargets, remarksOfTarget, type Target, TARGETS, withAddedTarget, withTarget } from "./targets";
import { wholeOf } from "./whole-of";

const PREVIEW_WAIT_MS = 250;

interface TargetsPanelProps extends SectionProps {
  /** The form of a dataset. */
  dataset: Section;
}

/** A stream of a source and several targets: what each of them is called, its dataset, and how many images it has. */
export function TargetsPanel({ dataset, ...props }: TargetsPanelProps) {
  const { section, draft, preset, given, faults, warnings, onSet, onTyping } = props;
  const whole = useMemo(() => wholeOf(draft, preset), [draft, preset]);
  const [asked] = useDebouncedValue(whole, PREVIEW_WAIT_MS);
  const preview = useStreamPreview(asked.dataset, asked.stream);
  const targets = readTargets(whole.stream.targets);
  const begun = readTargets(valueAt(given, TARGETS));
  const isChanged = begun !== null && (targets === null || areOtherTargets(targets, begun));
  const set = (next: readonly Target[]) => onSet(TARGETS, next);
  const imagesOf = (domain: string) => preview.data?.steps.find((step) => step.domain === domain)?.images ?? null;
  const said = faults.of(TARGETS);
  const isOfNone = (pointer: string) => !(targets ?? []).some((_, index) => isWithin(pointer, pointerOfTarget(index)));
  return (
    <Panel title="Task stream" hint={section.description}>
      <Stack gap="md">
        <SectionFields {...props} section={{ ...section, fields: section.fields.filter((field) => field.pointer !== TARGETS) }} />
        {isChanged && (
          <PresetMark name="targets" said={begun.map((target) => target.name).join(", ")} onReset={() => onSet(TARGETS, begun)} />
        )}
        <FaultList faults={said.filter((fault) => isOfNone(fault.pointer))} onSet={onSet} />
        {preview.error instanceof ApiError && preview.error.status !== 422 && (
          <Problem error={preview.error} onRetry={() => void preview.refetch()} />
        )}
        <Text size="sm">
          <b>source</b>{" "}
          <Text span size="xs" c="dimmed">
            the dataset above{countText(imagesOf("source"))}
          </Text>
        </Text>
        {targets === null ? (
          <Text size="sm">The targets must be a list, each with a name and a dataset. Fix them in the text.</Text>
        ) : (
          targets.map((target, index) => (
            <TargetRow
              // A target may change its name.
              key={index}
              index={index}
              target={target}
              facts={countText(imagesOf(target.name))}
              section={dataset}
              draft={draft}
              faults={remarksOfTarget(said, index, dataset)}
              warnings={remarksOfTarget(warnings.of(TARGETS), index, dataset)}
              onChange={(changed) => set(withTarget(targets, index, changed))}
              onRemove={targets.length > LEAST_TARGETS ? () => set(withTarget(targets, index, null)) : null}
              onTyping={onTyping}
            />
          ))
        )}
        {targets !== null && (
          <Group>
            <Button size="compact-sm" variant="default" onClick={() => set(withAddedTarget(targets, whole.dataset))}>
              Add a target
            </Button>
          </Group>
        )}
        <WarningTexts texts={warnings.of(TARGETS).filter((warning) => isOfNone(warning.pointer)).map(({ message }) => message)} />
      </Stack>
    </Panel>
  );
}

function countText(images: number | null): string {
  return images === null ? "" : `, ${formatCount(images, "training image")}`;
}
