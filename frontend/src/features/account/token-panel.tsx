import { Alert, Button, Table, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import type { SignedIn } from "../../api/session";
import { ColumnTitles } from "../../components/column-titles";
import { CopyableId } from "../../components/copyable-id";
import { Panel } from "../../components/panel";
import { Problem } from "../../components/problem";
import { QueryFace } from "../../components/query-face";
import { formatMoment } from "../../lib/format";
import { TokenForm } from "./token-form";
import { revokeToken, type TokenSummary, tokensQuery } from "./tokens-queries";

const TITLES = ["name", "allows", "expires", "last used", ""];

/** One's own tokens: a new one is shown once. */
export function TokenPanel({ role }: { role: SignedIn["role"] }) {
  const client = useQueryClient();
  const tokens = useQuery(tokensQuery());
  const [secret, setSecret] = useState<string | null>(null);
  const refresh = () => client.invalidateQueries({ queryKey: tokensQuery().queryKey });
  const revoke = useMutation({ mutationFn: revokeToken, onSettled: refresh });
  return (
    <Panel
      title="Tokens"
      hint="Scripts and the command line sign in with a token. Put it into the variable PALIMPSEST_TOKEN, or into a file that only you can read."
    >
      {secret !== null && (
        <Alert title="Your new token" withCloseButton closeButtonLabel="Close" onClose={() => setSecret(null)} role="status">
          <Text size="sm" mb={4}>
            Copy it now: it is shown only once. Anyone who has it can act in your name within what it allows.
          </Text>
          <CopyableId id={secret} name="token" />
        </Alert>
      )}
      {revoke.error !== null && <Problem error={revoke.error} />}
      <QueryFace query={tokens}>
        {({ items }) => (items.length === 0 ? <Text size="sm">You have no token yet.</Text> : <TokenTable tokens={items} onRevoke={revoke.mutate} />)}
      </QueryFace>
      <TokenForm
        role={role}
        onMade={(made) => {
          setSecret(made);
          void refresh();
        }}
      />
    </Panel>
  );
}

function TokenTable({ tokens, onRevoke }: { tokens: readonly TokenSummary[]; onRevoke: (id: string) => void }) {
  return (
    <Table.ScrollContainer minWidth={520}>
      <Table fz="sm" aria-label="tokens">
        <ColumnTitles titles={TITLES} />
        <Table.Tbody>
          {tokens.map((token) => (
            <Table.Tr key={token.id}>
              <Table.Td className="break-words">{token.name}</Table.Td>
              <Table.Td>{token.scopes.join(", ")}</Table.Td>
              <Table.Td>{formatMoment(token.expires_at)}</Table.Td>
              <Table.Td>{token.last_used_at === null ? "never" : formatMoment(token.last_used_at)}</Table.Td>
              <Table.Td ta="right">
                <Button size="xs" variant="default" onClick={() => onRevoke(token.id)} aria-label={`revoke ${token.name}`}>
                  Revoke
                </Button>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
