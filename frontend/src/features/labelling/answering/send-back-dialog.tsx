import { Button, Group, Modal, Stack, Text, TextInput } from "@mantine/core";
import { useState } from "react";

interface SendBackDialogProps {
  onSend: (note: string) => void;
  onClose: () => void;
}

/** Asks why an answer is sent back. */
export function SendBackDialog({ onSend, onClose }: SendBackDialogProps) {
  const [typed, setTyped] = useState("");
  const note = typed.trim();
  return (
    <Modal opened onClose={onClose} title="Send this answer back?">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (note !== "") {
            onSend(note);
          }
        }}
      >
        <Stack>
          <Text size="sm">
            The query is open again for anybody. Its answer no longer counts; it stays in the history of the query.
          </Text>
          <TextInput
            label="What is wrong with it"
            description="Stands beside the query."
            maxLength={2000}
            required
            data-autofocus
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
          />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Keep the answer
            </Button>
            <Button type="submit" disabled={note === ""}>
              Send back
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
