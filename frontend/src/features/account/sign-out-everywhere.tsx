import { Button, Group } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";

import { api, unwrap } from "../../api/client";
import { Problem } from "../../components/problem";
import { at } from "../../lib/place";

/** Ends every session of the account, this one too. */
export function SignOutEverywhere() {
  const end = useMutation({
    mutationFn: () => unwrap(api.DELETE("/api/v1/sessions/current", { params: { query: { everywhere: true } } })),
    onSuccess: () => globalThis.location.assign(at("/")),
  });
  return (
    <Group>
      <Button variant="default" loading={end.isPending} onClick={() => end.mutate()}>
        Sign out everywhere
      </Button>
      {end.error !== null && <Problem error={end.error} />}
    </Group>
  );
}
