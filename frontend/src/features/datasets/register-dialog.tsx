import { Button, Group, Modal, SegmentedControl, Stack, Text, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";

import { ApiError } from "../../api/api-error";
import { KeyHint } from "../../components/key-hint";
import { Problem } from "../../components/problem";
import { datasetQuery, datasetsQuery, register, type Registration } from "./dataset-queries";
import { FolderPicker } from "./folder-picker";
import { WorldForm } from "./world-form";

type Source = Omit<Registration, "name">;

/** Asks for a name and a folder or a world, registers it, and leads to its page. */
export function RegisterDialog({ onClose }: { onClose: () => void }) {
  const [name, setName] = useState("");
  const [isWorld, setIsWorld] = useState(false);
  const [source, setSource] = useState<Source | null>(null);
  const registration = useRegistration();
  const faults = registration.error instanceof ApiError ? registration.error.faults : [];
  const nameFault = faults.find((fault) => fault.pointer === "/name")?.message;
  const canSend = name.trim() !== "" && source !== null;
  const send = () => {
    if (canSend) {
      registration.mutate({ name: name.trim(), ...source });
    }
  };
  const choose = (chosen: Source, suggestedName: string) => {
    setSource(chosen);
    setName((typed) => (typed === "" ? suggestedName : typed));
  };
  return (
    <Modal opened onClose={onClose} size="lg" title="Register a dataset">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          send();
        }}
      >
        <Stack>
          <SegmentedControl
            aria-label="kind of dataset"
            data={["a folder", "a built-in world"]}
            value={isWorld ? "a built-in world" : "a folder"}
            onChange={(kind) => {
              setIsWorld(kind !== "a folder");
              setSource(null);
            }}
          />
          {isWorld ? (
            <WorldForm onChange={(world) => setSource({ world })} faults={faults} />
          ) : (
            <FolderPicker root={source?.root} adapter={source?.adapter} onChoose={choose} />
          )}
          <TextInput
            label="Name"
            description="A name of your choice; each dataset needs a different one."
            value={name}
            maxLength={100}
            required
            error={nameFault}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          {registration.error && <Problem error={registration.error} />}
          <Group justify="flex-end">
            <Text size="xs" c="dimmed">
              {source === null ? "Choose a folder first." : "A worker will read every file. Nothing is copied or changed."}
            </Text>
            <Button type="submit" disabled={!canSend} loading={registration.isPending}>
              Register
              <KeyHint keys="Enter" />
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

function useRegistration() {
  const client = useQueryClient();
  const navigate = useNavigate();
  return useMutation({
    mutationFn: register,
    onSuccess: async (dataset) => {
      client.setQueryData(datasetQuery(dataset.id).queryKey, dataset);
      await client.invalidateQueries({ queryKey: datasetsQuery().queryKey, exact: true });
      await navigate(`/datasets/${dataset.id}`);
    },
  });
}
