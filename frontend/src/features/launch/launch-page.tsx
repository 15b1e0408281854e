import { Anchor, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useSearchParams } from "react-router";

import { methodsQuery } from "../../api/queries";
import type { MethodSummary, PresetDetail } from "../../api/types";
import { QueryFace } from "../../components/query-face";
import { useTitle } from "../../lib/use-title";
import { FromBranch } from "./from-branch";
import { FromClone } from "./from-clone";
import { FromTrained } from "./from-trained";
import { type Followed, LaunchForm } from "./launch-form";
import { presetQuery } from "./launch-queries";
import { PresetPicker } from "./preset-picker";
import { forgetDraft } from "./saved-draft";
import { examplePreset, startingDocument } from "./start";

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
      <Text size="sm">
        Several methods, settings and seeds at once:{" "}
        <Anchor component={Link} to="/launch/matrix" size="sm">
          launch a matrix
        </Anchor>
        .
      </Text>
      <QueryFace query={methods}>{(page) => <LaunchFrom methods={page.items} />}</QueryFace>
    </Stack>
  );
}

function LaunchFrom({ methods }: { methods: readonly MethodSummary[] }) {
  const [params, setParams] = useSearchParams();
  const [followed, setFollowed] = useState<Followed | null>(null);
  const [tries, setTries] = useState(0);
  const cloneId = params.get("clone");
  if (cloneId !== null) {
    return <FromClone key={cloneId} experimentId={cloneId} methods={methods} />;
  }
  const trained = params.get("test");
  if (trained !== null) {
    return <FromTrained key={trained} stageId={trained} methods={methods} />;
  }
  const branchOf = params.get("branch");
  if (branchOf !== null) {
    const after = Number(params.get("after") ?? NaN);
    return <FromBranch key={`${branchOf} ${after}`} runId={branchOf} afterStep={after} methods={methods} />;
  }
  const chosen = params.get("preset") ?? params.get("method") ?? firstChoice(methods);
  const choose = (name: string) => {
    if (name === chosen) {
      // The document had gone elsewhere in the text; chosen again, its beginning means a new one.
      forgetDraft(name);
      setTries(tries + 1);
    } else {
      setParams(name.includes("/") ? { preset: name } : { method: name }, { replace: true });
    }
  };
  const Form = chosen.includes("/") ? FromPreset : FromMethod;
  return (
    <>
      <PresetPicker
        methods={methods}
        // What the document says now, which its text can change; at first what it begins with.
        chosen={followed?.origin === chosen ? followed.beginning : chosen}
        onChoose={choose}
      />
      <Form key={`${chosen} ${tries}`} chosen={chosen} methods={methods} onFollow={setFollowed} />
    </>
  );
}

interface FromProps {
  chosen: string;
  methods: readonly MethodSummary[];
  onFollow: (followed: Followed) => void;
}

/** A demo where there is one: it needs no data set. */
function firstChoice(methods: readonly MethodSummary[]): string {
  return examplePreset(methods.flatMap((method) => method.presets)) ?? methods[0]?.name ?? "";
}

function FromPreset({ chosen, methods, onFollow }: FromProps) {
  const preset = useQuery(presetQuery(chosen));
  return (
    <QueryFace query={preset}>
      {(detail) => (
        <LaunchForm
          methods={methods}
          start={{ ...NOTHING_SAID, origin: chosen, document: detail.document, name: detail.title }}
          onFollow={onFollow}
        />
      )}
    </QueryFace>
  );
}

function FromMethod({ chosen, methods, onFollow }: FromProps) {
  const name = examplePreset(methods.find((method) => method.name === chosen)?.presets ?? []);
  const example = useQuery(presetQuery(name));
  const form = (detail: PresetDetail | null) => (
    <LaunchForm
      methods={methods}
      start={{ ...NOTHING_SAID, origin: chosen, document: startingDocument(chosen, detail) }}
      onFollow={onFollow}
    />
  );
  return name === null ? form(null) : <QueryFace query={example}>{form}</QueryFace>;
}
