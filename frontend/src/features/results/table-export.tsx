import { Anchor, Group, Text } from "@mantine/core";

import { Icon } from "../../components/icon";
import { at } from "../../lib/place";
import { withQuery } from "../../lib/query-string";
import type { CompareAddress } from "./compare-address";

/** Which results a table is of. */
export type ResultsOf = { experiment: string } | Pick<CompareAddress, "runs" | "experiments" | "baseline" | "hasEqual">;

const FORMATS = { csv: "CSV", latex: "LaTeX", json: "JSON" } as const;
type Format = keyof typeof FORMATS;
const ENDINGS: Record<Format, string> = { csv: "csv", latex: "tex", json: "json" };
const ALL: readonly Format[] = ["csv", "latex", "json"];

interface TableExportProps {
  of: ResultsOf;
  /** Key of the table. */
  table: string;
  /** What the table is, for readers who cannot see it. */
  name: string;
  /** Keys of the columns that are shown; without them all. */
  columns?: readonly string[];
  formats?: readonly Format[];
}

/** Saves a table as it is shown, for a paper, a spreadsheet or a script. */
export function TableExport({ of, table, name, columns, formats = ALL }: TableExportProps) {
  return (
    <Group gap="sm" wrap="nowrap" role="group" aria-label={`export ${name}`}>
      <Text size="xs" c="dimmed" className="with-icon">
        <Icon name="download" size={14} />
      </Text>
      {formats.map((format) => (
        <Anchor
          key={format}
          href={tableAddress(of, table, format, columns)}
          download={`${fileName(table)}.${ENDINGS[format]}`}
          size="sm"
          aria-label={`${name} as ${FORMATS[format]}`}
        >
          {FORMATS[format]}
        </Anchor>
      ))}
    </Group>
  );
}

/** Where a table can be had as a file. */
export function tableAddress(of: ResultsOf, table: string, format: Format, columns?: readonly string[]): string {
  const query = { format, table, columns };
  if ("experiment" in of) {
    return at(withQuery(`/api/v1/experiments/${of.experiment}/results`, query));
  }
  const { runs, experiments, baseline, hasEqual } = of;
  return at(withQuery("/api/v1/compare", { runs, experiments, baseline, ...(hasEqual && { equal: true }), ...query }));
}

function fileName(table: string): string {
  return table.replaceAll(/[^A-Za-z0-9_-]+/g, "-");
}
