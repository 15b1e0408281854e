import { act, fireEvent, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { exampleRun } from "../../testing/examples";
import { renderPage } from "../../testing/render-page";
import { RunTable } from "./run-table";

const RUNS = Array.from({ length: 1000 }, (_, place) => exampleRun({ id: `run-${place}`, seed: place }));

function Table() {
  const ignore = () => undefined;
  return (
    <RunTable
      headline={{ title: "mIoU", meaning: "the mean", isLowBest: false }}
      runs={RUNS}
      total={RUNS.length}
      isLoading={false}
      order={{ sort: "seed", isAscending: true }}
      selected={new Set()}
      activeId={null}
      onSort={ignore}
      onSelectAll={ignore}
      onClick={ignore}
      onEnd={null}
    />
  );
}

function shown() {
  const rows = [...screen.getByRole("table").querySelectorAll<HTMLElement>("tr[data-run]")];
  const above = screen.getByRole("table").querySelector<HTMLElement>(".rows-above");
  return { rows, above: above?.style.height, ids: rows.map((row) => row.dataset.run) };
}

function scrollTo(top: number) {
  const box = screen.getByRole("table").parentElement;
  fireEvent.scroll(box ?? document, { target: { scrollTop: top } });
}

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

test("one empty row stands for all above the window, so that the others need no place of their own", () => {
  renderPage(Table, "/runs", "/runs");
  scrollTo(500 * 52);
  const { rows, above, ids } = shown();
  expect(above).toBe(`${494 * 52}px`);
  expect(ids[0]).toBe("run-494");
  expect(rows[0]?.getAttribute("aria-rowindex")).toBe("496");
  expect(rows.filter((row) => row.hasAttribute("style"))).toEqual([]);
});

test("rows that fly past are drawn in brief, and in full once the list stands", () => {
  renderPage(Table, "/runs", "/runs");
  scrollTo(500 * 52);
  expect(shown().rows[0]?.querySelectorAll("td")).toHaveLength(3);
  act(() => {
    vi.advanceTimersByTime(200);
  });
  expect(shown().rows[0]?.querySelectorAll("td")).toHaveLength(13);
  expect(screen.getByLabelText("select three steps, seed 494")).toBeTruthy();
});
