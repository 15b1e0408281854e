import { Group, Stack, Switch } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useSearchParams } from "react-router";

import type { RunDetail } from "../../../api/types";
import { EmptyState } from "../../../components/empty-state";
import { Panel } from "../../../components/panel";
import { QueryFace } from "../../../components/query-face";
import { useSetAddress } from "../../../lib/address";
import { CurveChart } from "./curve-chart";
import { CurveChoice } from "./curve-choice";
import { CurveDownload } from "./curve-download";
import { curveFamilies, defaultCurves, MOST_SHOWN } from "./curve-axis";
import type { LiveData } from "../feed/live-data";
import { seriesKeysQuery } from "./series-queries";
import { useStepWord } from "../step-word";

interface CurvePanelProps {
  run: RunDetail;
  live: LiveData;
  /** Metric of the score that stands for the run; null while it is not known. */
  headline: string | null;
}

/** Losses and other measurements while the run learns; which ones, and on which scale, is in the address. */
export function CurvePanel({ run, live, headline }: CurvePanelProps) {
  const [params, setParams] = useSearchParams();
  const isLogarithmic = params.get("scale") === "log";
  const losses = useQuery(seriesKeysQuery(run.id, "loss"));
  const first = useQuery(seriesKeysQuery(run.id, ""));
  const word = useStepWord();
  const chosen = params.getAll("curve").slice(0, MOST_SHOWN);
  const choose = (keys: string[]) => {
    params.delete("curve");
    keys.forEach((key) => params.append("curve", key));
    setParams(params, { replace: true, preventScrollReset: true });
  };
  const set = useSetAddress();
  return (
    <Panel
      title="Curves"
      hint={`over the iterations of all ${word}s; drag to zoom, double-click for everything, click a name to hide it`}
    >
      <QueryFace query={first} height={220}>
        {(page) => {
          const known = [...(losses.data?.items ?? []), ...page.items].map((item) => item.key);
          if (known.length === 0) {
            return (
              <EmptyState title="Nothing measured yet">
                The first points come a few iterations after the first stage has begun.
              </EmptyState>
            );
          }
          const shown = chosen.length > 0 ? chosen : defaultCurves(known, headline);
          return (
            <Stack gap="md">
              <CurveChoice runId={run.id} shown={shown} onChoose={choose} />
              <Group justify="space-between">
                <Switch
                  label="logarithmic values"
                  checked={isLogarithmic}
                  onChange={(event) => set({ scale: event.currentTarget.checked ? "log" : null })}
                  size="xs"
                />
                <CurveDownload runId={run.id} shown={shown} />
              </Group>
              {curveFamilies(shown).map(({ family, keys }) => (
                // The text of the names stays the same while the run goes on; a list would be new each time.
                <CurveChart key={family} run={run} names={keys.join("\n")} live={live} isLogarithmic={isLogarithmic} />
              ))}
            </Stack>
          );
        }}
      </QueryFace>
    </Panel>
  );
}
