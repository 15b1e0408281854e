import { Group, Text } from "@mantine/core";

interface ClassNameProps {
  name: string;
  colour: string;
  size?: "xs" | "sm";
}

/** A class by its name, with its colour from the dataset's palette beside it. */
export function ClassName({ name, colour, size = "sm" }: ClassNameProps) {
  return (
    <Group gap={6} wrap="nowrap" component="span" display="inline-flex">
      <span className="class-swatch" style={{ background: colour }} aria-hidden="true" />
      <Text component="span" size={size} truncate>
        {name}
      </Text>
    </Group>
  );
}
