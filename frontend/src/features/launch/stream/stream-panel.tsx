import { Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import { Panel } from "../../../components/panel";
import { valueOfField } from "../draft";
import { FieldControl } from "../field-control";
import { schedulesQuery } from "../launch-queries";
import { ownChange } from "../own-change";
import { PresetMark } from "../preset-mark";
import type { SectionProps } from "../section-fields";
import { FaultList, WarningTexts } from "../section-remarks";
import { readSteps, type Steps } from "./steps";
import { CountNote } from "./count-note";
import { PreviewProblem } from "./preview-problem";
import { StreamEditor } from "./stream-editor";
import { StreamPresets } from "./stream-presets";
import { useStreamParts } from "./use-stream-parts";

const STEPS = "/stream/steps";

/** The task stream: its setting, and the classes of each step with the images that this gives. */
export function StreamPanel({ section, draft, preset, given, faults, warnings, onSet, onTyping }: SectionProps) {
  const { whole, asked, preview } = useStreamParts(draft, preset);
  const { stream } = whole;
  const schedules = useQuery(schedulesQuery());
  const schedule = typeof stream.schedule === "string" ? stream.schedule : null;
  const published = schedules.data?.items.find(({ name }) => name === schedule || name === `voc/${schedule ?? ""}`);
  const steps = readSteps(stream.steps) ?? published?.steps ?? readSteps(preview.data?.steps.map((step) => step.classes));
  const classes = preview.data?.classes ?? [];
  const setting = section.fields.find((field) => field.pointer === "/stream/setting");
  const stepsChange = ownChange(draft.document, given, STEPS);
  const setSteps = (next: Steps) => onSet(STEPS, next);
  const about = [section.pointer, "/stream/schedule", STEPS].flatMap((pointer) => faults.of(pointer));
  const stepOf = (pointer: string) => /^\/stream\/steps\/(\d+)/.exec(pointer)?.[1];
  const isOfShownStep = (pointer: string) => Number(stepOf(pointer) ?? Infinity) < (steps?.length ?? 0);
  return (
    <Panel title="Task stream" hint={section.description}>
      <Stack gap="md">
        {setting !== undefined && (
          <FieldControl
            field={setting}
            value={valueOfField(draft, preset, setting)}
            change={ownChange(draft.document, given, setting.pointer)}
            faults={faults.textsOf(setting.pointer)}
            warnings={warnings.textsOf(setting.pointer)}
            onChange={(value) => onSet(setting.pointer, value)}
            onTyping={onTyping}
          />
        )}
        {stepsChange !== null && (
          <PresetMark name="steps" said={JSON.stringify(stepsChange.given)} onReset={() => onSet(STEPS, stepsChange.given)} />
        )}
        <StreamPresets
          key={classes.length}
          ids={classes.map((label) => label.id)}
          schedules={schedules.data?.items ?? []}
          schedule={published?.name ?? schedule}
          onSchedule={(name) => onSet("/stream/schedule", name)}
          onSteps={setSteps}
        />
        <FaultList faults={about.filter((fault) => !isOfShownStep(fault.pointer))} onSet={onSet} />
        <CountNote preview={preview.data} dataset={asked.dataset} />
        <PreviewProblem preview={preview} />
        {steps === null ? (
          <Text size="sm">The steps must be a list of lists of class ids. Fix them in the text, or fill them again here.</Text>
        ) : (
          <StreamEditor
            steps={steps}
            classes={classes}
            preview={preview.error === null ? preview.data : undefined}
            faultsOfStep={(index) => about.filter((fault) => stepOf(fault.pointer) === String(index)).map((fault) => fault.message)}
            onChange={setSteps}
          />
        )}
        <WarningTexts texts={[section.pointer, STEPS].flatMap((pointer) => warnings.textsOf(pointer))} />
      </Stack>
    </Panel>
  );
}
