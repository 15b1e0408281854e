import { Alert, Stack, Text, Title } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { CopyableId } from "../../components/copyable-id";
import { Panel } from "../../components/panel";
import { Problem } from "../../components/problem";
import { QueryFace } from "../../components/query-face";
import { formatMoment } from "../../lib/format";
import { useTitle } from "../../lib/use-title";
import { AddUser } from "./add-user";
import { UserTable } from "./user-table";
import { makeLink, patchUser, type UserSummary, usersQuery } from "./users-queries";

interface MadeLink {
  name: string;
  url: string;
  expiresAt: string;
}

/** Who may sign in, and as what; for admins. */
export function UsersPage() {
  useTitle("Users");
  const client = useQueryClient();
  const users = useQuery(usersQuery());
  const [made, setMade] = useState<MadeLink | null>(null);
  const refresh = () => client.invalidateQueries({ queryKey: usersQuery().queryKey });
  const link = useMutation({
    mutationFn: makeLink,
    onSuccess: ({ url, expires_at }, user) => setMade({ name: user.name, url, expiresAt: expires_at }),
  });
  const change = useMutation({
    mutationFn: ({ user, body }: { user: UserSummary; body: Parameters<typeof patchUser>[1] }) => patchUser(user, body),
    onSettled: refresh,
  });
  const failure = link.error ?? change.error;
  return (
    <Stack gap="md">
      <Title order={1} size="h3">
        Users
      </Title>
      {made !== null && <LinkNotice made={made} onClose={() => setMade(null)} />}
      {failure !== null && <Problem error={failure} />}
      <Panel title="Accounts" hint="A new role takes effect at once. Disabling an account ends its sessions and revokes its tokens.">
        <QueryFace query={users}>
          {({ items }) => (
            <UserTable
              users={items}
              isBusy={change.isPending || link.isPending}
              onChange={(user, body) => change.mutate({ user, body })}
              onLink={(user) => link.mutate(user)}
            />
          )}
        </QueryFace>
      </Panel>
      <Panel title="New account" hint="You get a one-time sign-in link for the person, who then sets a password on the page Account.">
        <AddUser
          onMade={(user) => {
            void refresh();
            link.mutate(user);
          }}
        />
      </Panel>
    </Stack>
  );
}

function LinkNotice({ made, onClose }: { made: MadeLink; onClose: () => void }) {
  return (
    <Alert title={`A link for ${made.name}`} withCloseButton closeButtonLabel="Close" onClose={onClose} role="status">
      <Text size="sm" mb={4}>
        It works once, until {formatMoment(made.expiresAt)}. Send it only to {made.name}.
      </Text>
      <CopyableId id={made.url} name="link" />
    </Alert>
  );
}
