import type { ListHeadline } from "./list-headline";
import type { RunOrder } from "./merge-runs";
import { RUN_COLUMNS } from "./run-columns";
import type { RunSort } from "./run-filters";

interface RunTableHeadProps {
  headline: ListHeadline;
  order: RunOrder;
  /** Whether all, some or none of the rows are selected. */
  selected: "all" | "some" | "none";
  onSort: (sort: RunSort) => void;
  onSelectAll: () => void;
}

/** Names of the columns; a click sorts by one, another turns the order round. */
export function RunTableHead({ headline, order, selected, onSort, onSelectAll }: RunTableHeadProps) {
  return (
    <thead>
      <tr>
        <th className="col-select">
          <input
            type="checkbox"
            aria-label="select all runs shown"
            checked={selected === "all"}
            ref={(box) => {
              if (box !== null) {
                box.indeterminate = selected === "some";
              }
            }}
            onChange={onSelectAll}
          />
        </th>
        {RUN_COLUMNS.map(({ name, title: plain, sort, isNumber }) => {
          const title = sort === "score" ? headline.title : plain;
          const meaning = sort === "score" ? headline.meaning : sort === "best_score" ? `best value of all steps: ${headline.meaning}` : undefined;
          const isSorted = sort === order.sort;
          const direction = order.isAscending ? "ascending" : "descending";
          return (
            <th
              key={name}
              className={`col-${name}${isNumber ? " number" : ""}`}
              aria-sort={isSorted ? direction : undefined}
              title={meaning}
            >
              {sort === undefined ? (
                title
              ) : (
                <button type="button" className="sort-head" onClick={() => onSort(sort)}>
                  {title}
                  <span aria-hidden="true">{isSorted ? (order.isAscending ? " ▲" : " ▼") : ""}</span>
                </button>
              )}
            </th>
          );
        })}
        <th className="col-actions">
          <span className="only-read">actions</span>
        </th>
      </tr>
    </thead>
  );
}
