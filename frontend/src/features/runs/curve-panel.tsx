import { MultiSelect, Stack, Switch } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useSearchParams } from "react-router";

import type { RunDetail } from "../../api/types";
import { EmptyState } from "../../components/empty-state";
import { Panel } from "../../components/panel";
import { QueryFace } from "../../components/query-face";
import { CurveChart } from "./curve-chart";
import { curveFamilies, defaultCurves } from "./curve-axis";
import type { LiveData } from "./live-data";
import { seriesKeysQuery } from "./run-queries";

/** Losses and other measurements while the run learns; which ones is in the address. */
export function CurvePanel({ run, live }: { run: RunDetail; live: LiveData }) {
  const [params, setParams] = useSearchParams();
  const [search, setSearch] = useState("");
  const [prefix] = useDebouncedValue(search, 250);
  const [isLogarithmic, setLogarithmic] = useState(false);
  const first = useQuery(seriesKeysQuery(run.id, ""));
  const found = useQuery(seriesKeysQuery(run.id, prefix));
  const chosen = params.getAll("curve");
  const choose = (keys: string[]) => {
    params.delete("curve");
    keys.forEach((key) => params.append("curve", key));
    setParams(params, { replace: true, preventScrollReset: true });
  };
  return (
    <Panel
      title="Curves"
      hint="over the iterations of all steps; drag to zoom, double-click for everything, click a name to hide it"
    >
      <QueryFace query={first} height={220}>
        {(page) => {
          const known = [...new Set([...page.items.map((item) => item.key), ...Object.keys(live.points)])].sort();
          if (known.length === 0) {
            return (
              <EmptyState title="Nothing measured yet">
                The first points come a few iterations after the first stage has begun.
              </EmptyState>
            );
          }
          const shown = chosen.length > 0 ? chosen : defaultCurves(known);
          const options = [...new Set([...shown, ...(found.data?.items.map((item) => item.key) ?? known)])];
          return (
            <Stack gap="md">
              <MultiSelect
                label="Shown"
                data={options}
                value={shown}
                onChange={choose}
                searchable
                searchValue={search}
                onSearchChange={setSearch}
                limit={100}
                maxDropdownHeight={260}
                hidePickedOptions
              />
              <Switch
                label="logarithmic values"
                checked={isLogarithmic}
                onChange={(event) => setLogarithmic(event.currentTarget.checked)}
                size="xs"
              />
              {curveFamilies(shown).map(({ family, keys }) => (
                <CurveChart key={family} run={run} keys={keys} live={live} isLogarithmic={isLogarithmic} />
              ))}
            </Stack>
          );
        }}
      </QueryFace>
    </Panel>
  );
}
