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

/** What a run or an experiment is of. */
export function DefinitionFacts({ of }: { of: { method: string; preset: string | null; dataset: string; stream: string } }) {
  return (
    <>
      <Fact title="method">{of.method}</Fact>
      <Fact title="preset">{of.preset ?? "none"}</Fact>
      <Fact title="dataset">{of.dataset}</Fact>
      <Fact title="stream">{of.stream}</Fact>
    </>
  );
}
