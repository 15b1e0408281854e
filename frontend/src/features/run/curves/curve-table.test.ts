import { expect, test } from "vitest";

import { joinedTable } from "./curve-table";

const HEAD = "stage_index,iteration,attempt,value";

test("several curves become one table, each point with the name of its curve", () => {
  const loss = { key: "loss", text: `${HEAD}\n0,10,1,2.5\n0,20,1,NaN\n` };
  const rate = { key: "lr", text: `${HEAD}\n1,10,1,0.1\n` };
  expect(joinedTable([loss, rate])).toBe(`curve,${HEAD}\nloss,0,10,1,2.5\nloss,0,20,1,NaN\nlr,1,10,1,0.1\n`);
});

test("a name with signs of the table is quoted, and a curve without points adds none", () => {
  expect(joinedTable([{ key: 'iou, "old"', text: `${HEAD}\n0,1,1,0.5\n` }, { key: "lr", text: `${HEAD}\n` }])).toBe(
    `curve,${HEAD}\n"iou, ""old""",0,1,1,0.5\n`,
  );
});
