import { Anchor, Code, Text } from "@mantine/core";

interface PresetMarkProps {
  /** Of the setting that was changed. */
  name: string;
  /** What the preset says, as it is read. */
  said: string;
  onReset: () => void;
}

/** Tells an own change from what the preset gives, and takes it back. */
export function PresetMark({ name, said, onReset }: PresetMarkProps) {
  return (
    <Text span display="block" size="xs" fw={600} className="preset-mark">
      changed; preset: <Code fz="xs">{said}</Code>{" "}
      <Anchor component="button" type="button" fz="inherit" underline="always" aria-label={`Reset ${name} to ${said}`} onClick={onReset}>
        Reset
      </Anchor>
    </Text>
  );
}
