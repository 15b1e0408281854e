import { Code, Container, Paper, Stack, Text, Title } from "@mantine/core";

import { useTitle } from "../../lib/use-title";
import { SignInForm } from "./sign-in-form";

/** Stands in the place of every page while nobody has signed in; the wanted one follows at its own address. */
export function SignInPage() {
  useTitle("Sign in");
  return (
    <Container size={420} py="xl" component="main">
      <Paper withBorder p="lg">
        <Stack>
          <Title order={1} size="h3">
            Sign in to Palimpsest
          </Title>
          <SignInForm />
          <Text size="xs" c="dimmed">
            No account, or password forgotten? An admin can create a one-time sign-in link for you, on the page Users or with{" "}
            <Code>palimpsest admin user link NAME</Code>.
          </Text>
        </Stack>
      </Paper>
    </Container>
  );
}
