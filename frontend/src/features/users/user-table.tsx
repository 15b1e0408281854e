import { Badge, Button, Group, NativeSelect, Table } from "@mantine/core";

import { usePerson } from "../../api/session";
import { ColumnTitles } from "../../components/column-titles";
import { formatMoment, formatNumber } from "../../lib/format";
import { type Role, ROLES, type UserSummary } from "./users-queries";

const TITLES = ["name", "role", "access", "sessions", "tokens", "last seen", "actions"];

interface UserTableProps {
  users: readonly UserSummary[];
  isBusy: boolean;
  onChange: (user: UserSummary, body: { role?: Role; is_disabled?: boolean }) => void;
  onLink: (user: UserSummary) => void;
}

/** One line an account. */
export function UserTable({ users, isBusy, onChange, onLink }: UserTableProps) {
  const self = usePerson()?.id;
  return (
    <Table.ScrollContainer minWidth={720}>
      <Table fz="sm" aria-label="users">
        <ColumnTitles titles={TITLES} />
        <Table.Tbody>
          {users.map((user) => (
            <Table.Tr key={user.id}>
              <Table.Td className="break-words">{user.name}</Table.Td>
              <Table.Td>
                <NativeSelect
                  aria-label={`role of ${user.name}`}
                  size="xs"
                  data={ROLES}
                  value={user.role}
                  disabled={isBusy || user.id === self}
                  onChange={(event) => onChange(user, { role: event.currentTarget.value as Role })}
                />
              </Table.Td>
              <Table.Td>
                <Access user={user} />
              </Table.Td>
              <Table.Td>{formatNumber(user.sessions)}</Table.Td>
              <Table.Td>{formatNumber(user.tokens)}</Table.Td>
              <Table.Td>{user.last_seen_at === null ? "–" : formatMoment(user.last_seen_at)}</Table.Td>
              <Table.Td>
                <Group gap={6} wrap="nowrap">
                  <Button size="xs" variant="default" disabled={isBusy || user.is_disabled} onClick={() => onLink(user)} aria-label={`link for ${user.name}`}>
                    Link
                  </Button>
                  <Button
                    size="xs"
                    variant="default"
                    disabled={isBusy || user.id === self}
                    onClick={() => onChange(user, { is_disabled: !user.is_disabled })}
                    aria-label={`${user.is_disabled ? "enable" : "disable"} ${user.name}`}
                  >
                    {user.is_disabled ? "Enable" : "Disable"}
                  </Button>
                </Group>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function Access({ user }: { user: UserSummary }) {
  if (user.is_disabled) {
    return <Badge color="gray" variant="light">disabled</Badge>;
  }
  if (user.paused_until !== null) {
    return <Badge color="orange" variant="light" title={`until ${formatMoment(user.paused_until)}`}>paused</Badge>;
  }
  return user.has_password ? "password" : "link only";
}
