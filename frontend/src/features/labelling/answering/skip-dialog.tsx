import { Button, Group, Modal, Radio, Stack, TextInput } from "@mantine/core";
import { useState } from "react";

const REASONS = [
  { value: "unclear", label: "unclear: I cannot tell what it shows" },
  { value: "bad image", label: "bad image: broken, black or blurred" },
  { value: "not my expertise", label: "not my expertise: somebody else knows better" },
  { value: "other", label: "another reason" },
];

interface SkipDialogProps {
  onSkip: (reason: string) => void;
  onClose: () => void;
}

/** Asks why a query is left unanswered. */
export function SkipDialog({ onSkip, onClose }: SkipDialogProps) {
  const [choice, setChoice] = useState("unclear");
  const [typed, setTyped] = useState("");
  const reason = choice === "other" ? typed.trim() : choice;
  return (
    <Modal opened onClose={onClose} title="Skip this query?">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (reason !== "") {
            onSkip(reason);
          }
        }}
      >
        <Stack>
          <Radio.Group label="Why" description="The round no longer waits for it; it can be opened again." value={choice} onChange={setChoice}>
            <Stack gap="xs" mt="xs">
              {REASONS.map(({ value, label }) => (
                <Radio key={value} value={value} label={label} />
              ))}
            </Stack>
          </Radio.Group>
          {choice === "other" && (
            <TextInput
              label="The reason"
              maxLength={2000}
              required
              value={typed}
              onChange={(event) => setTyped(event.currentTarget.value)}
            />
          )}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Do not skip
            </Button>
            <Button type="submit" disabled={reason === ""} data-autofocus>
              Skip it
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
