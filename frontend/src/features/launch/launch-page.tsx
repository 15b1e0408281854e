import { Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useSearchParams } from "react-router";

import { experimentQuery, methodsQuery } from "../../api/queries";
import type { MethodSummary } from "../../api/types";
import { QueryFace } from "../../components/query-face";
import { useTitle } from "../../lib/use-title";
import { LaunchForm } from "./launch-form";
import { presetQuery, schemaQuery } from "./launch-queries";
import { PresetPicker } from "./preset-picker";
import { formOfSchema } from "./schema-form";
import { clonedDocument, startingDocument } from "./start";

/** From a preset or an earlier experiment to running seeds. */
export function LaunchPage() {
  useTitle("Launch");
  const methods = useQuery(methodsQuery());
  return (
    <Stack gap="md">
      <Title order={1} size="h3">
        Launch a run
      </Title>
      <QueryFace query={methods}>{(page) => <LaunchFrom methods={page.items} />}</QueryFace>
    </Stack>
  );
}

function LaunchFrom({ methods }: { methods: readonly MethodSummary[] }) {
  const [params, setParams] = useSearchParams();
  const cloneId = params.get("clone");
  if (cloneId !== null) {
    return <FromClone experimentId={cloneId} />;
  }
  const chosen = params.get("preset") ?? params.get("method") ?? firstChoice(methods);
  const isPreset = chosen.includes("/");
  const choose = (name: string) => setParams(name.includes("/") ? { preset: name } : { method: name }, { replace: true });
  return (
    <>
      <PresetPicker methods={methods} chosen={chosen} onChoose={choose} />
      {isPreset ? <FromPreset key={chosen} preset={chosen} /> : <FromMethod key={chosen} method={chosen} />}
    </>
  );
}

/** A demo where there is one: it needs no data set. */
function firstChoice(methods: readonly MethodSummary[]): string {
  const presets = methods.flatMap((method) => method.presets);
  return presets.find((preset) => preset.endsWith("/demo")) ?? presets[0] ?? methods[0]?.name ?? "";
}

function FromPreset({ preset: name }: { preset: string }) {
  const preset = useQuery(presetQuery(name));
  const schema = useQuery(schemaQuery(name.split("/")[0] ?? null));
  return (
    <QueryFace query={preset}>
      {(detail) => (
        <>
          <Text size="sm" maw={900}>
            {detail.description}
          </Text>
          <QueryFace query={schema}>
            {(answer) => (
              <LaunchForm form={formOfSchema(answer)} start={detail.document} preset={detail.resolved} name={detail.title} />
            )}
          </QueryFace>
        </>
      )}
    </QueryFace>
  );
}

function FromMethod({ method }: { method: string }) {
  const schema = useQuery(schemaQuery(method));
  return (
    <QueryFace query={schema}>
      {(answer) => <LaunchForm form={formOfSchema(answer)} start={startingDocument(method)} preset={null} name="" />}
    </QueryFace>
  );
}

function FromClone({ experimentId }: { experimentId: string }) {
  const experiment = useQuery(experimentQuery(experimentId));
  const schema = useQuery(schemaQuery(experiment.data?.method ?? null));
  return (
    <QueryFace query={experiment}>
      {(detail) => (
        <>
          <Text size="sm">
            A copy of <b>{detail.name}</b>; change what you like.
          </Text>
          <QueryFace query={schema}>
            {(answer) => (
              <LaunchForm
                form={formOfSchema(answer)}
                start={clonedDocument(detail)}
                preset={detail.resolved}
                name={detail.name}
                tags={detail.tags}
              />
            )}
          </QueryFace>
        </>
      )}
    </QueryFace>
  );
}
