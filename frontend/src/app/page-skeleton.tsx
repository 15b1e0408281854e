import { Container, Skeleton, Stack } from "@mantine/core";

/** Grey lines while the first page is fetched. */
export function PageSkeleton() {
  return (
    <Container size="xl" py="xl" aria-busy="true">
      <Stack>
        <Skeleton height={28} width={220} />
        <Skeleton height={320} />
      </Stack>
    </Container>
  );
}
