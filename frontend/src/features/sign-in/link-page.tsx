import { Anchor, Container, Loader, Stack, Text, Title } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { Link, Navigate, useNavigate } from "react-router";

import { api, unwrap } from "../../api/client";
import { kept, sessionQuery } from "../../api/session";
import { Problem } from "../../components/problem";
import { hasAccounts } from "../../lib/place";
import { useTitle } from "../../lib/use-title";

/** Signs in with the secret of a one-time link, which stands behind the `#` so that it is sent to nobody else. */
export function LinkPage() {
  useTitle("Sign in");
  const [secret] = useState(() => globalThis.location.hash.slice(1));
  return !hasAccounts() || secret === "" ? <Navigate to="/" replace /> : <LinkUse secret={secret} />;
}

function LinkUse({ secret }: { secret: string }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const isAsked = useRef(false);
  const { mutate, error } = useMutation({
    mutationFn: async () => kept(await unwrap(api.POST("/api/v1/sessions/from-link", { body: { secret } }))),
    onSuccess: async (state) => {
      client.clear();
      client.setQueryData(sessionQuery().queryKey, state);
      await navigate("/", { replace: true });
    },
  });
  useEffect(() => {
    if (!isAsked.current) {
      isAsked.current = true;
      mutate();
    }
  }, [mutate]);
  return (
    <Container size={420} py="xl" component="main">
      <Stack>
        <Title order={1} size="h3">
          Signing in
        </Title>
        {error === null ? (
          <Text>
            <Loader size="xs" /> Please wait.
          </Text>
        ) : (
          <>
            <Problem error={error} />
            <Anchor component={Link} to="/">
              Sign in with a password
            </Anchor>
          </>
        )}
      </Stack>
    </Container>
  );
}
