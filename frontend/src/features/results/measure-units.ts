import type { Measure } from "../../api/types";
import type { Unit } from "./statistic-text";

/** The unit of a table's values; tables of classes, which have no measure of their own, hold fractions. */
export function unitOfTable(table: string, measures: readonly Measure[]): Unit {
  return measures.find(({ key }) => key.startsWith(`${table}:`))?.unit ?? "fraction";
}

/** The measures of short tables, or all of them. */
export function shownMeasures(measures: readonly Measure[], hasAll: boolean): { measure: Measure; place: number }[] {
  const placed = measures.map((measure, place) => ({ measure, place }));
  const main = placed.filter(({ measure }) => measure.is_main);
  return hasAll || main.length === 0 ? placed : main;
}
