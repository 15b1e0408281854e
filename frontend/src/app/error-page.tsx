import { Anchor, Container, Stack, Title } from "@mantine/core";
import { isRouteErrorResponse, Link, useRouteError } from "react-router";

import { EmptyState } from "../components/empty-state";
import { Problem } from "../components/problem";
import { at } from "../lib/place";
import { isFetchFailure, mayLoadAnew } from "./page-fetch";
import { ServiceSilent } from "./service-silent";

/** What stands in place of a page that broke, or that does not exist. */
export function ErrorPage() {
  const error = useRouteError();
  if (isRouteErrorResponse(error) && error.status === 404) {
    return <NotFoundPage />;
  }
  return (
    <Container size="sm" py="xl">
      <Stack>
        <Title order={1} size="h3">
          The page cannot be shown
        </Title>
        {isFetchFailure(error) ? (
          <ServiceSilent onBack={loadAnewByItself} onRetry={loadAnew} />
        ) : (
          <Problem error={error instanceof Error ? error : new Error(String(error))} onRetry={loadAnew} />
        )}
        <Anchor href={at("/")}>To the first page</Anchor>
      </Stack>
    </Container>
  );
}

function loadAnew(): void {
  globalThis.location.reload();
}

function loadAnewByItself(): void {
  if (mayLoadAnew(Date.now())) {
    loadAnew();
  }
}

/** What an unknown address shows. */
export function NotFoundPage() {
  return (
    <EmptyState title="There is no such page">
      The address names nothing here.{" "}
      <Anchor component={Link} to="/">
        To the first page
      </Anchor>
    </EmptyState>
  );
}
