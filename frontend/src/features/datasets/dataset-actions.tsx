import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "react-router";

import type { DatasetDetail } from "../../api/types";
import { Icon } from "../../components/icon";
import { KeyHint } from "../../components/key-hint";
import { tellFailure } from "../../components/tell-failure";
import { useKeys } from "../../lib/keys";
import { datasetQuery, datasetsQuery, forget, scanAgain } from "./dataset-queries";

/** Scan again, and forget. */
export function DatasetActions({ dataset }: { dataset: DatasetDetail }) {
  const client = useQueryClient();
  const [isAsking, asking] = useDisclosure();
  const scan = useMutation({
    mutationFn: () => scanAgain(dataset.id),
    onSuccess: (changed) => client.setQueryData(datasetQuery(dataset.id).queryKey, changed),
    onError: (error) => tellFailure("The scan was not started", error.message),
  });
  const isScanning = dataset.state === "scanning";
  const scanIfIdle = () => {
    if (!isScanning && !scan.isPending) {
      scan.mutate();
    }
  };
  useKeys({ s: scanIfIdle });
  return (
    <Group gap="xs">
      <Button
        variant="default"
        leftSection={<Icon name="resume" size={14} />}
        disabled={isScanning}
        loading={scan.isPending}
        onClick={scanIfIdle}
      >
        Scan again
        <KeyHint keys="S" />
      </Button>
      <Button variant="default" leftSection={<Icon name="delete" size={14} />} onClick={asking.open}> Remove </Button>
      {isAsking && <ForgetDialog dataset={dataset} onClose={asking.close} />}
    </Group>
  );
}

function ForgetDialog({ dataset, onClose }: { dataset: DatasetDetail; onClose: () => void }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const removal = useMutation({
    mutationFn: () => forget(dataset.id),
    onSuccess: async () => {
      await navigate("/datasets", { replace: true });
      client.removeQueries({ queryKey: datasetQuery(dataset.id).queryKey });
      await client.invalidateQueries({ queryKey: datasetsQuery().queryKey, exact: true });
    },
    onError: (error) => tellFailure("The dataset was not removed", error.message),
  });
  return (
    <Modal opened onClose={onClose} title="Remove this dataset from the list?">
      <Stack>
        <Text size="sm">
          <b className="break-words">{dataset.name}</b> and its report disappear from the list. Its files stay on disk, and
          experiments that use it are not changed. You can register it again at any time.
        </Text>
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}> Keep it </Button>
          <Button color="red" loading={removal.isPending} onClick={() => removal.mutate()}> Remove it </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
