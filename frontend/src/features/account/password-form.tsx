import { Button, Group, PasswordInput, Stack, Text } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { api, unwrap } from "../../api/client";
import { kept, sessionQuery } from "../../api/session";
import { Problem } from "../../components/problem";

/** Replaces one's own password, or sets the first one. */
export function PasswordForm({ hasPassword }: { hasPassword: boolean }) {
  const client = useQueryClient();
  const [present, setPresent] = useState("");
  const [wanted, setWanted] = useState("");
  const change = useMutation({
    mutationFn: async () => {
      const body = { present: hasPassword ? present : null, new: wanted };
      return kept(await unwrap(api.POST("/api/v1/sessions/current/password", { body })));
    },
    onSuccess: (state) => {
      client.setQueryData(sessionQuery().queryKey, state);
      setPresent("");
      setWanted("");
    },
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        change.mutate();
      }}
    >
      <Stack gap="sm" maw={420}>
        {hasPassword && (
          <PasswordInput
            label="Current password"
            autoComplete="current-password"
            required
            visibilityToggleButtonProps={{ "aria-label": "show the current password" }}
            value={present}
            onChange={(event) => setPresent(event.currentTarget.value)}
          />
        )}
        <PasswordInput
          label="New password"
          autoComplete="new-password"
          required
          minLength={10}
          visibilityToggleButtonProps={{ "aria-label": "show the new password" }}
          value={wanted}
          onChange={(event) => setWanted(event.currentTarget.value)}
        />
        {change.error !== null && <Problem error={change.error} />}
        <Group>
          <Button type="submit" loading={change.isPending}>
            Set password
          </Button>
          {change.isSuccess && (
            <Text size="sm" role="status">
              Password changed.
            </Text>
          )}
        </Group>
      </Stack>
    </form>
  );
}
