import { Group, Switch, Table, Text } from "@mantine/core";

import type { Comparison, FactRow, SettingRow } from "../../api/types";
import { Panel } from "../../components/panel";
import { TallTable } from "../../components/tall-table";
import { useSetAddress } from "../../lib/address";
import { formatSetting, NOTHING } from "../../lib/format";
import type { CompareAddress } from "./compare-address";
import { TableExport } from "./table-export";

/** What differs in configuration, code, data and environment; on demand also what is equal. */
export function SettingsPanel({ comparison, address }: { comparison: Comparison; address: CompareAddress }) {
  const { hasEqual } = address;
  const set = useSetAddress();
  const facts = comparison.facts.filter((fact) => hasEqual || !fact.is_equal);
  const rows = comparison.settings.length + facts.length;
  return (
    <Panel
      title="Settings"
      hint={hasEqual ? "every setting of the resolved configurations, with code, data and environment" : "only what is not equal in all of them"}
      actions={
        <Group>
          <TableExport of={address} table="settings" name="settings" formats={["csv"]} />
          <TableExport of={address} table="facts" name="code, data and environment" formats={["csv"]} />
          <Switch label="equal settings too" checked={hasEqual} onChange={(event) => set({ equal: event.currentTarget.checked ? "true" : null })} />
        </Group>
      }
    >
      {rows === 0 ? (
        <Text size="sm">They have the same configuration, code, data and environment, as far as these were recorded.</Text>
      ) : (
        <TallTable rows={rows} minWidth={0} maxHeight={720} isPlain>
          <Table className="results-table heat-table" aria-label="settings" highlightOnHover>
            <Table.Thead>
              <Table.Tr>
                <Table.Th scope="col">setting</Table.Th>
                {comparison.members.map(({ key, label }) => (
                  <Table.Th key={key} scope="col" className="setting">
                    <bdi>{label}</bdi>
                  </Table.Th>
                ))}
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {comparison.settings.map((setting) => (
                <ValueRow key={setting.pointer} name={setting.pointer} isEqual={setting.change === "equal"} values={settingTexts(setting)} />
              ))}
              {facts.map((fact) => (
                <ValueRow key={`${fact.section} ${fact.name}`} name={`${fact.section}: ${fact.name}`} isEqual={fact.is_equal} values={factTexts(fact)} />
              ))}
            </Table.Tbody>
          </Table>
        </TallTable>
      )}
    </Panel>
  );
}

function ValueRow({ name, isEqual, values }: { name: string; isEqual: boolean; values: readonly string[] }) {
  return (
    <Table.Tr {...(isEqual && { c: "dimmed" })}>
      <Table.Th scope="row" className="setting">
        {name}
      </Table.Th>
      {values.map((value, place) => (
        <Table.Td key={place} className="setting">
          {value}
        </Table.Td>
      ))}
    </Table.Tr>
  );
}

function settingTexts({ values, is_set }: SettingRow): string[] {
  return values.map((value, place) => (is_set[place] === true ? formatSetting(value) : NOTHING));
}

function factTexts({ values }: FactRow): string[] {
  return values.map((value) => value ?? "not recorded");
}
