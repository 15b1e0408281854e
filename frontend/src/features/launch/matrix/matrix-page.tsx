import { Anchor, Breadcrumbs, Button, Group, MultiSelect, Stack, TagsInput, Text, TextInput, Title } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { Link } from "react-router";

import { methodsQuery } from "../../../api/queries";
import type { MethodSummary } from "../../../api/types";
import { Panel } from "../../../components/panel";
import { Problem } from "../../../components/problem";
import { QueryFace } from "../../../components/query-face";
import { formatCount } from "../../../lib/format";
import { readSeeds } from "../../../lib/seeds";
import { useTitle } from "../../../lib/use-title";
import { matrixBody, methodsOf, type OverrideDraft } from "./matrix-body";
import { MatrixExperiments } from "./matrix-experiments";
import { useExpansion, useStartMatrix } from "./matrix-queries";
import { OverrideLines } from "./override-lines";
import { StartedMatrix } from "./started-matrix";

const TYPING_MS = 300;

/** Methods x named overrides x seeds in one form, expanded and counted before anything is created. */
export function MatrixPage() {
  useTitle("Launch a matrix");
  const methods = useQuery(methodsQuery());
  return (
    <Stack gap="md">
      <Breadcrumbs separator="›" fz="sm">
        <Anchor component={Link} to="/launch" size="sm">
          Launch
        </Anchor>
        <Text size="sm">matrix</Text>
      </Breadcrumbs>
      <Title order={1} size="h3">
        Launch a matrix of runs
      </Title>
      <QueryFace query={methods}>{(page) => <MatrixForm methods={page.items} />}</QueryFace>
    </Stack>
  );
}

function MatrixForm({ methods }: { methods: readonly MethodSummary[] }) {
  const [presets, setPresets] = useState<string[]>([]);
  const [typedSeeds, setTypedSeeds] = useState("0-2");
  const [overrides, setOverrides] = useState<readonly OverrideDraft[]>([]);
  const [tags, setTags] = useState<string[]>([]);
  const seeds = readSeeds(typedSeeds);
  const text = JSON.stringify(matrixBody({ presets, seeds: seeds.values, overrides, tags }));
  const [settled] = useDebouncedValue(text, TYPING_MS);
  const body = useMemo(() => JSON.parse(settled) as ReturnType<typeof matrixBody>, [settled]);
  const expansion = useExpansion(body);
  const start = useStartMatrix();
  const isCurrent = settled === text && body !== null && expansion.data !== undefined && !expansion.isPlaceholderData && expansion.error === null;
  return (
    <>
      <Panel title="Matrix" hint="one experiment for each method with each override, and one run of it for each seed">
        <MultiSelect
          label="Methods"
          description="presets of the methods that are compared"
          data={methods.map((method) => ({ group: method.title, items: [...method.presets] }))}
          value={presets}
          onChange={setPresets}
          searchable
          hidePickedOptions
          limit={200}
        />
        <TextInput
          label="Seeds"
          description="one by one or as ranges, such as 0-2, 7"
          value={typedSeeds}
          error={seeds.fault}
          onChange={(event) => setTypedSeeds(event.currentTarget.value)}
        />
        <OverrideLines overrides={overrides} methods={methodsOf(presets)} onChange={setOverrides} />
        <TagsInput label="Tags" description="of all experiments" value={tags} onChange={setTags} maxTags={100} acceptValueOnBlur />
      </Panel>
      {start.data === undefined ? (
        <Panel title="What will be started" hint="checked by the service; nothing is created yet">
          {body === null ? (
            <Text size="sm">Choose at least one method and one seed, and give every override a name.</Text>
          ) : expansion.error !== null ? (
            <Problem error={expansion.error} onRetry={() => void expansion.refetch()} />
          ) : (
            <QueryFace query={expansion}>{(result) => <MatrixExperiments result={result} />}</QueryFace>
          )}
          {start.error !== null && <Problem error={start.error} />}
          <Group>
            <Button disabled={!isCurrent} loading={start.isPending} onClick={() => body !== null && start.mutate(body)}>
              {isCurrent ? `Start ${formatCount(expansion.data.count, "run")}` : "Start"}
            </Button>
          </Group>
        </Panel>
      ) : (
        <StartedMatrix result={start.data} onAgain={start.reset} />
      )}
    </>
  );
}
