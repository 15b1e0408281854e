import { Alert, Button, Code, Group, List, Stack, Text } from "@mantine/core";

import { ApiError } from "../../../api/api-error";
import { Icon } from "../../../components/icon";

interface RefusalProps {
  error: Error;
  /** The mask that was refused; null where none was sent. */
  file: File | null;
  onAgain: () => void;
}

/** Why an answer was not taken, in the words of the service; the mask stays at hand. */
export function Refusal({ error, file, onAgain }: RefusalProps) {
  const known = error instanceof ApiError ? error : null;
  const faults = known?.faults ?? [];
  return (
    <Alert color="red" variant="light" icon={<Icon name="failed" />} title={known?.title ?? "It was not sent"} role="alert">
      <Stack gap="xs">
        {faults.length === 0 ? (
          <Text size="sm">{error.message}</Text>
        ) : (
          <List size="sm" aria-label="what was refused">
            {faults.map((fault) => (
              <List.Item key={`${fault.code} ${fault.message}`}>
                <Code>{fault.code}</Code> {fault.message}
              </List.Item>
            ))}
          </List>
        )}
        <Group gap="md">
          {file !== null && (
            <Button size="xs" variant="default" onClick={onAgain}>
              Send {file.name} again
            </Button>
          )}
          <Text size="xs" c="dimmed">
            Nothing is lost.
            {known !== null && known.requestId !== "" && ` Request ${known.requestId}.`}
          </Text>
        </Group>
      </Stack>
    </Alert>
  );
}
