import { Text } from "@mantine/core";

interface ClassNameProps {
  name: string;
  colour: string;
  size?: "xs" | "sm";
}

/** A class by its name, with its colour from the dataset's palette beside it; a very long name is cut and shows whole on hover. */
export function ClassName({ name, colour, size = "sm" }: ClassNameProps) {
  return (
    <span className="class-name" title={name}>
      <span className="class-swatch" style={{ background: colour }} aria-hidden="true" />
      <Text component="span" size={size}>
        {name}
      </Text>
    </span>
  );
}
