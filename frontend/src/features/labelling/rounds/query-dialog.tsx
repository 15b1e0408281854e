import { Button, Group, Modal, SimpleGrid, Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";

import { queryDetailQuery } from "../../../api/round-queries";
import type { QueryDetail } from "../../../api/types";
import { useKeys } from "../../../lib/keys";
import { LayerSwitch, UncertaintyLegend } from "../queries/layer-switch";
import { QueryFace } from "../../../components/query-face";
import { hasDisagreement, QueryPicture } from "../queries/query-picture";
import { paletteOf } from "../../../lib/label-colours";
import { QueryTrail } from "../review/query-trail";
import { AnswerClasses, AnswerVersions, QueryFacts } from "./query-facts";
import type { RoundView } from "./use-round-view";

interface QueryDialogProps {
  runId: string;
  queryId: string;
  view: RoundView;
  /** Ids beside it in the grid; null at its ends. */
  previous: string | null;
  next: string | null;
}

/** One query large, with its layers, facts, answers and history; the arrow keys step through the grid. */
export function QueryDialog({ runId, queryId, view, previous, next }: QueryDialogProps) {
  const query = useQuery(queryDetailQuery(runId, queryId));
  const go = (id: string | null) => id !== null && view.change({ queryId: id });
  useKeys({ ArrowLeft: () => go(previous), ArrowRight: () => go(next) }, "dialog");
  return (
    <Modal
      opened
      onClose={() => view.change({ queryId: null })}
      size="min(1300px, 96vw)"
      title={query.data === undefined ? "Query" : `Query ${query.data.rank}: ${query.data.image}`}
    >
      <Stack gap="md">
        <QueryFace query={query} height={360}>
          {(detail) => <QueryView query={detail} view={view} />}
        </QueryFace>
        <Group justify="space-between">
          <Button variant="default" size="xs" disabled={previous === null} onClick={() => go(previous)}>
            ← previous
          </Button>
          <Button variant="default" size="xs" disabled={next === null} onClick={() => go(next)}>
            next →
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

function QueryView({ query, view }: { query: QueryDetail; view: RoundView }) {
  const [percent, setPercent] = useState(70);
  const [version, setVersion] = useState<number | null>(null);
  const palette = useMemo(() => paletteOf(query.classes.map((label) => [label.id, label.colour]), null), [query.classes]);
  const shown = query.annotations.find((answer) => answer.version === version);
  const addressed = shown === undefined ? query : { ...query, answer_url: shown.mask_url };
  const showVersion = (chosen: number) => {
    setVersion(chosen);
    view.change({ layer: "answer" });
  };
  return (
    <>
      <LayerSwitch
        view={view}
        onChange={view.change}
        opacity={{ percent, onChange: setPercent }}
        isRegional={query.region_url !== null}
        isDisputed={hasDisagreement(query)}
      />
      <div className="large-picture" style={{ maxWidth: `calc(70dvh * ${query.width / query.height})` }}>
        <QueryPicture
          query={addressed}
          layer={view.layer}
          palette={palette}
          ignoreId={query.ignore_id}
          opacity={percent / 100}
          hasRegion={view.hasRegion}
        />
      </div>
      {view.layer === "uncertainty" && <UncertaintyLegend />}
      <AnswerClasses query={query} />
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="xl">
        <QueryFacts query={query} />
        <QueryTrail queryId={query.id} />
      </SimpleGrid>
      <AnswerVersions query={query} shown={shown?.version ?? query.version} onShow={showVersion} />
    </>
  );
}
