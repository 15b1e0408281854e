import { Text } from "@mantine/core";

/** One value of a run's header, under its name. */
export function Fact({ title, children }: { title: string; children: React.ReactNode }) {
  return (
    <div>
      <Text size="xs" c="dimmed">
        {title}
      </Text>
      <Text fw={600} component="div">
        {children}
      </Text>
    </div>
  );
}
