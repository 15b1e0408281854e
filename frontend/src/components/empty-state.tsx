import { Stack, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";

/** Says that there is nothing yet, and what to do next. */
export function EmptyState({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <Stack align="center" gap="xs" py="xl" px="md" ta="center">
      <Title order={3} size="h4" fw={600}>
        {title}
      </Title>
      <Text c="dimmed" component="div" maw={520} size="sm">
        {children}
      </Text>
    </Stack>
  );
}
