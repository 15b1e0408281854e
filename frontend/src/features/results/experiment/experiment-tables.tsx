import { useSearchParams } from "react-router";

import type { ExperimentResults, ScoreTable } from "../../../api/types";
import { Panel } from "../../../components/panel";
import { formatCount } from "../../../lib/format";
import { valueFace } from "../cell-face";
import { unitOfTable } from "../measure-units";
import { ScoreHeatTable } from "../score-heat-table";
import { chosenTable, TableChoice, tableTitle } from "../table-choice";
import { TableExport } from "../table-export";

/** Every score after every step, by class, class group and domain, as mean over the seeds. */
export function ExperimentTables({ results }: { results: ExperimentResults }) {
  const [params] = useSearchParams();
  const table = chosenTable(results.tables, params.get("table"));
  if (table === null) {
    return null;
  }
  return (
    <Panel
      title="Scores after every step"
      hint={`mean ± sample standard deviation over ${formatCount(results.seeds.length, "seed")}, in percent; a cell of fewer seeds says so, and every cell says its n on hover`}
      actions={<TableExport of={{ experiment: results.digest }} table={table.key} name={tableTitle(table)} />}
    >
      <TableChoice tables={results.tables} value={table.key} />
      <ScoreHeatTable
        head={table}
        label={tableTitle(table)}
        face={(row, column) => valueFace(table.cells[row]?.[column] ?? null, unitOfTable(table.key, results.measures), columnOf(table, column))}
      />
    </Panel>
  );
}

function columnOf(table: ScoreTable, place: number) {
  const column = table.columns[place];
  if (column === undefined) {
    throw new RangeError(`the table ${table.key} has no column ${place}`);
  }
  return column;
}
