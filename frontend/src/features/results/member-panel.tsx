import { ActionIcon, Radio, Table, Text } from "@mantine/core";

import type { ComparedMember, Comparison } from "../../api/types";
import { ColumnTitles } from "../../components/column-titles";
import { Icon } from "../../components/icon";
import { Panel } from "../../components/panel";
import { TallTable } from "../../components/tall-table";
import { useSetAddress } from "../../lib/address";
import { type CompareAddress, without } from "./compare-address";
import { MemberName } from "./member-name";
import { reachedText } from "./reached-text";

const TITLES = ["base line", "name", "method", "preset", "seeds", "stands at", "leave out"];

/** Who is compared, and to whom the others' differences are given. */
export function MemberPanel({ comparison, address }: { comparison: Comparison; address: CompareAddress }) {
  const set = useSetAddress();
  const choose = (baseline: string | null) => set({ baseline });
  return (
    <Panel
      title="Compared"
      hint="choose a base line: every other member then shows its difference to it"
      actions={
        <Radio
          label="no base line"
          name="baseline"
          checked={comparison.baseline === null}
          onChange={() => choose(null)}
        />
      }
    >
      <TallTable rows={comparison.members.length} minWidth={640}>
        <Table aria-label="compared runs and experiments" className="results-table">
          <ColumnTitles titles={TITLES} />
          <Table.Tbody>
            {comparison.members.map((member, place) => (
              <MemberRow
                key={member.key}
                member={member}
                isBase={place === comparison.baseline}
                onBase={() => choose(member.key)}
                onLeave={() => set(without(address, member.key))}
              />
            ))}
          </Table.Tbody>
        </Table>
      </TallTable>
    </Panel>
  );
}

interface MemberRowProps {
  member: ComparedMember;
  isBase: boolean;
  onBase: () => void;
  onLeave: () => void;
}

function MemberRow({ member, isBase, onBase, onLeave }: MemberRowProps) {
  return (
    <Table.Tr>
      <Table.Td>
        <Radio name="baseline" aria-label={`${member.label} is the base line`} checked={isBase} onChange={onBase} />
      </Table.Td>
      <Table.Td>
        <MemberName member={member} />
        <Text size="xs" c="dimmed">
          {member.kind === "run" ? "run" : "experiment, mean over its seeds"}
        </Text>
      </Table.Td>
      <Table.Td>{member.method}</Table.Td>
      <Table.Td>{member.preset ?? "none"}</Table.Td>
      <Table.Td>{member.seeds.join(", ") || "none tested yet"}</Table.Td>
      <Table.Td>{reachedText(member)}</Table.Td>
      <Table.Td>
        <ActionIcon variant="subtle" color="gray" aria-label={`leave out ${member.label}`} title="Leave out" onClick={onLeave}>
          <Icon name="cancel" size={14} />
        </ActionIcon>
      </Table.Td>
    </Table.Tr>
  );
}
