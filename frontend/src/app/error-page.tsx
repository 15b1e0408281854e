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
          This page cannot be shown
        </Title>
        {isFetchFailure(error) ? (
          <ServiceSilent onBack={loadAnewByItself} onRetry={loadAnew} />
        ) : (
          <Problem error={error instanceof Error ? error : new Error(String(error))} onRetry={loadAnew} />
        )}
        <Anchor href={at("/")}>Go to the start page</Anchor>
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
    <EmptyState title="Page not found">
      No page of Palimpsest has this address.{" "}
      <Anchor component={Link} to="/">
        Go to the start page
      </Anchor>
    </EmptyState>
  );
}
