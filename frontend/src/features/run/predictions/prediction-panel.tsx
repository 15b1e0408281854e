import { Button, Group, SegmentedControl, Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useSearchParams } from "react-router";

import type { PredictionPage } from "../../../api/types";
import { EmptyState } from "../../../components/empty-state";
import { KeyHint } from "../../../components/key-hint";
import { Panel } from "../../../components/panel";
import { QueryFace } from "../../../components/query-face";
import { useAddressed, useSetAddress } from "../../../lib/address";
import { formatPercent } from "../../../lib/format";
import { useKeys } from "../../../lib/keys";
import { stepTableQuery } from "../steps/step-table-query";
import { useStepWord } from "../step-word";
import { KINDS } from "../../../components/predictions/kinds";
import { shownClasses } from "../../../components/predictions/panel-rows";
import { PredictionDialog } from "./prediction-dialog";
import { PredictionGrid } from "./prediction-grid";
import "../../../components/predictions/predictions.css";
import { predictionsQuery } from "./predictions-query";
import { worstForgotten } from "./worst-forgotten";

/** The same test images after every step, so that one sees a class fade. */
export function PredictionPanel({ runId }: { runId: string }) {
  const word = useStepWord();
  const [params] = useSearchParams();
  const domain = params.get("pictures");
  const set = useSetAddress();
  return (
    <Panel title="Predictions" hint={hintOf(word)}>
      <QueryFace query={useQuery(predictionsQuery(runId, domain))} height={260}>
        {(page) =>
          page.items.length === 0 ? (
            <EmptyState title="Nothing predicted yet">
              At the end of each {word} its model is shown the same few test images. How many is the setting
              eval.panel_images; with 0 this stays empty.
            </EmptyState>
          ) : (
            <Predictions runId={runId} page={page} onDomain={(chosen) => set({ pictures: chosen })} />
          )
        }
      </QueryFace>
    </Panel>
  );
}

function hintOf(word: string): string {
  if (word === "round") {
    return "the same test images after every round, as its teacher sees them";
  }
  const unlearnt = word === "step" ? ": what is not learned yet counts as background" : "";
  return `the same test images after every ${word}, scored as the run is${unlearnt}`;
}

interface PredictionsProps {
  runId: string;
  page: PredictionPage;
  /** Images of this domain are to be shown; null for those that are shown first. */
  onDomain: (domain: string | null) => void;
}

function Predictions({ runId, page, onDomain }: PredictionsProps) {
  const { classes } = page;
  const kind = KINDS[page.items[0]?.kind ?? "dense"];
  const [mode, setMode] = useAddressed("shown", kind.modes[0], kind.modes);
  const [params] = useSearchParams();
  const set = useSetAddress();
  const open = (place: PredictionPlace | null) => set({ image: place === null ? null : `${place.rank}/${place.step}` });
  const opened = placeOf(params.get("image"));
  const chosen = classes.find((label) => String(label.id) === params.get("class")) ?? null;
  const view = useMemo(() => ({ mode, chosen, classes }), [mode, chosen, classes]);
  const image = page.items.find((item) => item.rank === opened?.rank);
  return (
    <>
      <Group gap="sm" align="flex-end">
        <DomainChoice page={page} onChoose={onDomain} />
        {kind.modes.length > 1 && (
          <SegmentedControl
            size="xs"
            data={[...kind.modes]}
            value={mode}
            onChange={setMode}
            aria-label="what is shown"
          />
        )}
        {kind.hasClasses && <ClassChoice runId={runId} page={page} chosenId={chosen?.id ?? null} onChoose={(id) => set({ class: id })} />}
      </Group>
      <Group gap="xs" className="prediction-legend" aria-label="legend" role="group">
        <kind.Legend page={page} mode={mode} />
      </Group>
      <PredictionGrid images={page.items} view={view} onOpen={(rank, step) => open({ rank, step })} />
      {opened !== null && image !== undefined && (
        <PredictionDialog
          image={image}
          step={opened.step}
          view={view}
          onStep={(step) => open({ ...opened, step })}
          onClose={() => open(null)}
        />
      )}
    </>
  );
}

/** One image, as the model of one step sees it. */
interface PredictionPlace {
  rank: number;
  step: number;
}

function placeOf(text: string | null): PredictionPlace | null {
  const found = /^(\d{1,6})\/(\d{1,6})$/.exec(text ?? "");
  return found === null ? null : { rank: Number(found[1]), step: Number(found[2]) };
}

/** The domain of the images, where there is more than one. */
function DomainChoice({ page, onChoose }: { page: PredictionPage; onChoose: (domain: string | null) => void }) {
  const domains = [...new Set([page.domain, ...page.domains])];
  return domains.length < 2 ? null : (
    <Select
      size="xs"
      aria-label="domain"
      placeholder="no domain"
      data={page.domains}
      value={page.domain}
      onChange={onChoose}
      allowDeselect={false}
      clearable={page.domain !== null}
      searchable
    />
  );
}

interface ClassChoiceProps {
  runId: string;
  page: PredictionPage;
  chosenId: number | null;
  onChoose: (classId: number | null) => void;
}

function ClassChoice({ runId, page, chosenId, onChoose }: ClassChoiceProps) {
  const worst = worstForgotten(useQuery(stepTableQuery(runId)).data);
  const lost = useStepWord() === "round" ? "Lost most" : "Worst forgotten";
  const chooseWorst = () => worst !== null && onChoose(worst.id === chosenId ? null : worst.id);
  useKeys({ w: chooseWorst });
  return (
    <>
      <Select
        size="xs"
        aria-label="highlighted class"
        placeholder="all classes"
        data={shownClasses(page).map((label) => ({ value: String(label.id), label: label.name }))}
        value={chosenId === null ? null : String(chosenId)}
        onChange={(value) => onChoose(value === null ? null : Number(value))}
        clearable
        searchable
      />
      {worst !== null && (
        <Button size="xs" variant="default" aria-pressed={worst.id === chosenId} onClick={chooseWorst}>
          {lost}: {worst.name} ▼ {formatPercent(worst.drop)}
          <KeyHint keys="W" />
        </Button>
      )}
    </>
  );
}
