import { Group, Switch, Text } from "@mantine/core";
import { useSearchParams } from "react-router";

import type { ComparedTable, Comparison } from "../../api/types";
import { EmptyState } from "../../components/empty-state";
import { Panel } from "../../components/panel";
import { useAddressed } from "../../lib/address";
import { differenceFace, valueFace } from "./cell-face";
import type { CompareAddress } from "./compare-address";
import { unitOfTable } from "./measure-units";
import { ScoreHeatTable } from "./score-heat-table";
import { chosenTable, TableChoice, tableTitle } from "./table-choice";
import { TableExport } from "./table-export";

const SHOWN = ["values", "difference"] as const;

/** A table of every score after every step, of every member side by side, and less the base line. */
export function ComparedTablesPanel({ comparison, address }: { comparison: Comparison; address: CompareAddress }) {
  const [params] = useSearchParams();
  const [shown, show] = useAddressed("show", "values", SHOWN);
  const table = chosenTable(comparison.tables, params.get("table"));
  const hasBase = comparison.baseline !== null;
  return (
    <Panel
      title="Scores after every step"
      hint="in percent; the shade follows the value, and of a difference whether it is for the better or the worse"
      actions={table !== null && <TableExport of={address} table={table.key} name={tableTitle(table)} />}
    >
      {table === null ? (
        <EmptyState title="Nothing tested yet">The first scores come with the end of the first step.</EmptyState>
      ) : (
        <>
          <Group align="flex-end">
            <TableChoice tables={comparison.tables} value={table.key} />
            <Switch
              label={hasBase ? "difference to the base line" : "difference (choose a base line first)"}
              disabled={!hasBase}
              checked={hasBase && shown === "difference"}
              onChange={(event) => show(event.currentTarget.checked ? "difference" : "values")}
              mb={8}
            />
          </Group>
          <MemberTables comparison={comparison} table={table} hasDifference={hasBase && shown === "difference"} />
        </>
      )}
    </Panel>
  );
}

interface MemberTablesProps {
  comparison: Comparison;
  table: ComparedTable;
  hasDifference: boolean;
}

function MemberTables({ comparison: { members, measures, baseline }, table, hasDifference }: MemberTablesProps) {
  const unit = unitOfTable(table.key, measures);
  const width = 200 + 90 * Math.min(table.kind === "class" ? table.steps.length : table.columns.length, 10);
  return (
    <div className="member-grid" style={{ "--member-width": `${width}px` } as React.CSSProperties}>
      {members.map(({ key, label }, member) => {
        const isLess = hasDifference && member !== baseline;
        return (
          <div key={key}>
            <Text size="sm" fw={600} className="member-name">
              <bdi>{label}</bdi>
              {isLess && " less the base line"}
              {member === baseline && " (base line)"}
            </Text>
            <ScoreHeatTable
              head={table}
              label={`${tableTitle(table)}: ${label}`}
              face={(row, column) => {
                const of = table.columns[column];
                if (of === undefined) {
                  throw new RangeError(`the table ${table.key} has no column ${column}`);
                }
                return isLess
                  ? differenceFace(table.differences?.[member]?.[row]?.[column] ?? null, unit, of)
                  : valueFace(table.cells[member]?.[row]?.[column] ?? null, unit, of);
              }}
            />
          </div>
        );
      })}
    </div>
  );
}
