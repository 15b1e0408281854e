import { Select } from "@mantine/core";

import { useSetAddress } from "../../lib/address";
import type { TableHead } from "./score-heat-table";

interface TableChoiceProps {
  tables: readonly TableHead[];
  value: string;
}

/** Chooses one of several tables; the choice is kept in the address. */
export function TableChoice({ tables, value }: TableChoiceProps) {
  const set = useSetAddress();
  const data = tables.map((table) => ({ value: table.key, label: tableTitle(table) }));
  return <Select label="Table" data={data} value={value} allowDeselect={false} w={640} maw="100%" onChange={(table) => set({ table })} />;
}

/** The title of a table with what its columns are. */
export function tableTitle({ title, kind, domain }: TableHead): string {
  const columns = { score: "over the steps", class: "by class", group: "by class group", domain: "by domain", mean: "of old, new and all classes" }[kind];
  return `${title}, ${columns}${domain === null ? "" : `, in ${domain}`}`;
}

/** The table that the address names, else the one that says most at a glance. */
export function chosenTable<Table extends TableHead>(tables: readonly Table[], named: string | null): Table | null {
  return tables.find(({ key }) => key === named) ?? tables.find(({ kind }) => kind === "group" || kind === "domain") ?? tables[0] ?? null;
}
