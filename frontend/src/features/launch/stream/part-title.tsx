import { Text } from "@mantine/core";

/** The heading of a part of the task stream. */
export function PartTitle({ title, hint }: { title: string; hint: string }) {
  return (
    <div>
      <Text size="sm" fw={600}>
        {title}
      </Text>
      <Text size="xs" c="dimmed">
        {hint}
      </Text>
    </div>
  );
}
