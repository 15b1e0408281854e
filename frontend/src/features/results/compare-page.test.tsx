import { fireEvent, screen, within } from "@testing-library/react";
import { expect, test, vi } from "vitest";

import type { Comparison } from "../../api/types";
import { exampleComparison, exampleCurve, exampleMember, exampleReference } from "../../testing/example-results";
import { exampleRunDetail } from "../../testing/examples";
import { FakeProblem, FakeServer } from "../../testing/fake-server";
import { renderPage } from "../../testing/render-page";
import { ComparePage } from "./compare-page";

vi.mock("../../components/line-chart", () => ({
  LineChart: ({ label, curves }: { label: string; curves: { label: string }[] }) => <div role="img" aria-label={label}>{curves.map((curve) => curve.label).join("; ")}</div>,
}));

const [REPLAY, TUNED] = [exampleMember(0).key, exampleMember(1).key];
const ADDRESS = `/compare?experiments=${REPLAY},${TUNED}`;

/** A service that compares the two experiments, and gives differences where a base line is asked for. */
function serverWith(changes: Partial<Comparison> = {}): FakeServer {
  return new FakeServer().get("/api/v1/compare", ({ url }) => {
    const asked = url.searchParams.get("baseline");
    return { ...exampleComparison(asked === null ? null : [REPLAY, TUNED].indexOf(asked)), ...changes };
  });
}

const line = async (table: string, name: string) => within(within(await screen.findByRole("table", { name: table })).getByText(name).closest("tr") as HTMLElement);

test("experiments stand side by side with mean, deviation, number of seeds, and the best in bold", async () => {
  serverWith();
  renderPage(ComparePage, "/compare", ADDRESS);
  const replay = await line("results", "replay");
  expect(replay.getByText("61.2 ± 1.0").tagName).toBe("STRONG");
  expect(replay.getByText("n = 2, undefined in 1 of 3 seeds")).toBeTruthy();
  expect((await line("results", "fine-tuning")).getByText("41.0 ± 1.0").tagName).not.toBe("STRONG");
  expect(screen.queryByText(/time/)).toBeNull();
});

test("an unfinished member is marked with its step and not ranked", async () => {
  const late = exampleMember(0, { reached: { step: 0, is_final: false } });
  serverWith({ members: [late, exampleMember(1)] });
  renderPage(ComparePage, "/compare", ADDRESS);
  const replay = await line("results", "replay");
  expect(replay.getByText("step 0, not finished")).toBeTruthy();
  expect(replay.getByText("61.2 ± 1.0").tagName).not.toBe("STRONG");
});

test("a base line is chosen, kept in the address, and gives differences over the shared seeds", async () => {
  serverWith();
  const page = renderPage(ComparePage, "/compare", ADDRESS);
  fireEvent.click(await screen.findByRole("radio", { name: "replay is the base line" }));
  const tuned = await line("results", "fine-tuning");
  await expect.poll(() => tuned.queryByText(/−21\.0 ± 2\.0 \(n = 2\)/)).toBeTruthy();
  expect(page.address()).toContain(`baseline=${REPLAY}`);
  fireEvent.click(screen.getByRole("switch", { name: "difference to the base line" }));
  const table = screen.getByRole("table", { name: /fine-tuning$/ });
  expect(within(table).getAllByText("−21.0 ± 2.0")).toHaveLength(2);
  expect(page.address()).toContain("show=difference");
});

test("all measures and equal settings are shown on demand", async () => {
  const server = serverWith();
  const page = renderPage(ComparePage, "/compare", ADDRESS);
  fireEvent.click(await screen.findByRole("switch", { name: "all measures" }));
  expect((await line("results", "replay")).getByText("1 min 30 s ± 5 s")).toBeTruthy();
  const settings = within(screen.getByRole("table", { name: "settings" }));
  expect(settings.getByText("/config/memory/size").closest("tr")?.textContent).toBe("/config/memory/size60–");
  expect(settings.queryByText("packages: torch")).toBeNull();
  fireEvent.click(screen.getByRole("switch", { name: "equal settings too" }));
  expect(await screen.findByText("packages: torch")).toBeTruthy();
  expect(server.requests.at(-1)).toContain("equal=true");
  expect(page.address()).toContain("measures=all&equal=true");
});

test("curves of all members lie in one chart, and every point leaves as a table", async () => {
  serverWith()
    .get("/api/v1/compare/series", () => ({ items: [{ key: "loss", direction: "min", runs: 4 }], runs: 4 }))
    .get("/api/v1/compare/series/{key}", () => ({ key: "loss", members: [exampleCurve("replay"), exampleCurve("fine-tuning")] }));
  renderPage(ComparePage, "/compare", ADDRESS);
  expect((await screen.findByRole("img", { name: "loss" })).textContent).toBe("replay; fine-tuning");
  const experiments = `experiments=${REPLAY}%2C${TUNED}`;
  expect(screen.getByRole("link", { name: "loss as CSV" }).getAttribute("href")).toBe(`/api/v1/compare/series/loss?${experiments}&format=csv&max_points=0&values=false`);
});

test("tables are exported as they are shown, with the base line and equal settings", async () => {
  serverWith();
  renderPage(ComparePage, "/compare", `${ADDRESS}&baseline=${TUNED}&equal=true`);
  const same = `experiments=${REPLAY}%2C${TUNED}&baseline=${TUNED}&equal=true`;
  const link = async (name: string) => (await screen.findByRole("link", { name })).getAttribute("href");
  expect(await link("results as CSV")).toBe(`/api/v1/compare?${same}&format=csv&table=summary&columns=score%3Ascore%2Cmiou_present%2Fgroup%3Aforgetting`);
  expect(await link("mIoU, by class group as LaTeX")).toBe(`/api/v1/compare?${same}&format=latex&table=miou_present%2Fgroup`);
  expect(await link("settings as CSV")).toBe(`/api/v1/compare?${same}&format=csv&table=settings`);
});

test("references of the stream stand below, and each member says its gap to them", async () => {
  serverWith({ references: [exampleReference(2)] });
  renderPage(ComparePage, "/compare", ADDRESS);
  const joint = await line("results", "all at once");
  expect(joint.getByText("reference: joint training")).toBeTruthy();
  expect(joint.getByText("70.0").tagName).not.toBe("STRONG");
  expect((await line("results", "replay")).getByText("−8.8 to joint training")).toBeTruthy();
});

test("a member that is left out leaves the address", async () => {
  serverWith();
  const page = renderPage(ComparePage, "/compare", ADDRESS);
  fireEvent.click(await screen.findByRole("button", { name: "leave out replay" }));
  expect(await screen.findByText("Choose what to compare")).toBeTruthy();
  expect(page.address()).toBe(`/compare?experiments=${TUNED}`);
});

test("a refusal names what differs and offers to leave a run out", async () => {
  const detail = "scores of different task streams or test sets cannot be compared: stream/setting is 'overlap' in 'one' and 'disjoint' in 'two'";
  new FakeServer()
    .get("/api/v1/compare", () => new FakeProblem({ status: 422, type: "/problems/stream-mismatch", title: "Different task streams", detail }))
    .get("/api/v1/runs/{run_id}", ({ parts }) => ({ ...exampleRunDetail(), experiment_name: `run ${parts[0]}` }));
  const page = renderPage(ComparePage, "/compare", "/compare?runs=r1,r2,r3&baseline=r1");
  expect(await screen.findByText(detail)).toBeTruthy();
  fireEvent.click(await screen.findByRole("button", { name: "leave out run r1, seed 0" }));
  expect(page.address()).toBe("/compare?runs=r2%2Cr3");
});

test("an address without members says where to choose them, and asks nothing", async () => {
  const server = serverWith();
  renderPage(ComparePage, "/compare", "/compare");
  expect(await screen.findByText("Choose what to compare")).toBeTruthy();
  expect(server.requests).toEqual([]);
});
