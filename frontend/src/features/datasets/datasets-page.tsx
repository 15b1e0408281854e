import { Button, Group, Stack, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useSearchParams } from "react-router";

import { EmptyState } from "../../components/empty-state";
import { Icon } from "../../components/icon";
import { QueryFace } from "../../components/query-face";
import { useTitle } from "../../lib/use-title";
import { datasetsQuery, nextLookMs } from "./dataset-queries";
import { DatasetTable } from "./dataset-table";
import { RegisterDialog } from "./register-dialog";

/** Every registered dataset, and the form that registers another. */
export function DatasetsPage() {
  useTitle("Datasets");
  const datasets = useQuery({ ...datasetsQuery(), refetchInterval: ({ state }) => nextLookMs(state.data ?? []) });
  const [params, setParams] = useSearchParams();
  const isRegistering = params.has("register");
  const show = (isShown: boolean) => setParams(isShown ? { register: "1" } : {}, { replace: true });
  return (
    <Stack gap="sm">
      <Group justify="space-between">
        <Title order={1} size="h3">
          Datasets
        </Title>
        <Button leftSection={<Icon name="datasets" />} onClick={() => show(true)}>
          Register a dataset
        </Button>
      </Group>
      <QueryFace query={datasets}>
        {(list) =>
          list.length === 0 ? (
            <EmptyState title="No dataset is registered yet">
              Register a folder of images and labels, or a built-in world that Palimpsest draws for you. A worker then reads
              every file and reports its contents and problems. Nothing is copied.
            </EmptyState>
          ) : (
            <DatasetTable datasets={list} />
          )
        }
      </QueryFace>
      {isRegistering && <RegisterDialog onClose={() => show(false)} />}
    </Stack>
  );
}
