import { Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useSearchParams } from "react-router";

import { methodsQuery } from "../../api/queries";
import type { MethodSummary } from "../../api/types";
import { QueryFace } from "../../components/query-face";
import { useTitle } from "../../lib/use-title";
import { FromClone } from "./from-clone";
import { LaunchForm } from "./launch-form";
import { presetQuery, schemaQuery } from "./launch-queries";
import { PresetPicker } from "./preset-picker";
import { formOfSchema } from "./schema-form";
import { startingDocument } from "./start";

const NOTHING_SAID = { name: "", tags: [], notes: "", clonedFrom: null };

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
    return <FromClone key={cloneId} experimentId={cloneId} methods={methods} />;
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
              <LaunchForm
                form={formOfSchema(answer)}
                preset={detail.resolved}
                start={{ ...NOTHING_SAID, origin: name, document: detail.document, name: detail.title }}
              />
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
      {(answer) => (
        <LaunchForm
          form={formOfSchema(answer)}
          preset={null}
          start={{ ...NOTHING_SAID, origin: method, document: startingDocument(method) }}
        />
      )}
    </QueryFace>
  );
}
