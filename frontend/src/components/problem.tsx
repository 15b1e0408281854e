import { Alert, Anchor, Button, Code, Group, List, Stack, Text } from "@mantine/core";

import { ApiError } from "../api/api-error";
import { at } from "../lib/place";
import { Icon } from "./icon";

interface ProblemProps {
  error: Error;
  /** Asks again; the button is left out where asking again cannot help. */
  onRetry?: (() => void) | undefined;
}

/** The error face of a query or an action. */
export function Problem({ error, onRetry }: ProblemProps) {
  const known = error instanceof ApiError ? error : null;
  return (
    <Alert color="red" variant="light" icon={<Icon name="failed" />} title={known?.title ?? "This page has an error"} role="alert">
      <Stack gap="xs">
        <Text size="sm">{error.message}</Text>
        {known !== null && known.faults.length > 1 && (
          <List size="sm">
            {known.faults.map((fault) => (
              <List.Item key={`${fault.pointer} ${fault.message}`}>
                <Code>{fault.pointer || "/"}</Code> {fault.message}
              </List.Item>
            ))}
          </List>
        )}
        <Group gap="md">
          {onRetry && (
            <Button size="xs" variant="default" leftSection={<Icon name="resume" size={14} />} onClick={onRetry}>
              Try again
            </Button>
          )}
          {known?.type && (
            <Anchor href={at(known.type)} size="sm">
              What this means
            </Anchor>
          )}
          {known?.requestId && (
            <Text size="xs" c="dimmed">
              request <Code>{known.requestId}</Code>
            </Text>
          )}
        </Group>
      </Stack>
    </Alert>
  );
}
