import { fireEvent, screen, within } from "@testing-library/react";
import { expect, test, vi } from "vitest";

import type { QuerySort } from "../../../api/types";
import { COUNTS, exampleQuery } from "../../../testing/example-rounds";
import { renderPage } from "../../../testing/render-page";
import { OpenQueries } from "./open-queries";

const CLASSES = [
  { id: 0, name: "road", colour: "#804080" },
  { id: 7, name: "sign", colour: "#dcdc00" },
];

test("each query says which class the teacher sees most of, and they can be ordered by it", async () => {
  const items = [exampleQuery(0), exampleQuery(1, { main_class: 0 }), exampleQuery(2, { main_class: 99 })];
  const page = { items, next_cursor: null, counts: COUNTS, closes_at: null, classes: CLASSES, ignore_id: 255 };
  const chosen = vi.fn<(sort: QuerySort) => void>();
  renderPage(() => <OpenQueries title="To answer" page={page} sort="rank" onSort={chosen} chosen={null} onShow={() => undefined} />, "/", "/");
  const rows = within(await screen.findByRole("list", { name: "queries to be answered" })).getAllByRole("listitem");
  const named = rows.map((row) => CLASSES.filter(({ name }) => within(row).queryByText(name) !== null).map(({ id }) => id));
  expect(named).toEqual([[7], [0], []]);
  fireEvent.click(screen.getByRole("combobox", { name: "order of queries" }));
  fireEvent.click(await screen.findByRole("option", { name: "by main class", hidden: true }));
  expect(chosen).toHaveBeenCalledWith("class");
});
