import { expect, test } from "vitest";

import { parseMarkdown } from "./markdown";

test("blocks are told apart as CommonMark does", () => {
  const text = "# Cars\n\nWhole cars,\nalso *parked* ones.\n\n---\n\n> Ask when unsure.\n\n```\na **b**\n```";
  expect(parseMarkdown(text)).toEqual([
    { kind: "heading", level: 1, inline: ["Cars"] },
    { kind: "paragraph", inline: ["Whole cars,\nalso ", { kind: "em", inline: ["parked"] }, " ones."] },
    { kind: "rule" },
    { kind: "quote", blocks: [{ kind: "paragraph", inline: ["Ask when unsure."] }] },
    { kind: "code", text: "a **b**" },
  ]);
});

test("lists hold lists, and numbers begin where they are said to", () => {
  const paragraph = (text: string) => ({ kind: "paragraph", inline: [text] });
  expect(parseMarkdown("- poles\n  - of signs\n  - of lights\n- trees\n\n3. third\n4. fourth")).toEqual([
    {
      kind: "list",
      start: null,
      items: [
        [paragraph("poles"), { kind: "list", start: null, items: [[paragraph("of signs")], [paragraph("of lights")]] }],
        [paragraph("trees")],
      ],
    },
    { kind: "list", start: 3, items: [[paragraph("third")], [paragraph("fourth")]] },
  ]);
});

test("marks within a line are nested, and can be escaped", () => {
  expect(parseMarkdown("**bold _and_ `x*y*`** \\*no\\* 2 * 3 * 4 snake_case_name")).toEqual([
    {
      kind: "paragraph",
      inline: [
        { kind: "strong", inline: ["bold ", { kind: "em", inline: ["and"] }, " ", { kind: "code", text: "x*y*" }] },
        " *no* 2 * 3 * 4 snake_case_name",
      ],
    },
  ]);
  expect(parseMarkdown("one  \ntwo")).toEqual([{ kind: "paragraph", inline: ["one", { kind: "break" }, "two"] }]);
});

test("links lead to the web or into the service, pictures come from the service alone", () => {
  const link = (href: string) => ({ kind: "link", href, inline: ["a"] });
  expect(parseMarkdown("[a](https://example.org/b_c) [a](/docs/labelling)")).toEqual([
    { kind: "paragraph", inline: [link("https://example.org/b_c"), " ", link("/docs/labelling")] },
  ]);
  expect(parseMarkdown("![a car](/api/v1/queries/1/picture)")).toEqual([
    { kind: "paragraph", inline: [{ kind: "image", address: "/api/v1/queries/1/picture", alt: "a car" }] },
  ]);
});

test.each([
  "[a](javascript:alert(1))",
  "[a](JaVaScript:alert(1))",
  "[a](data:text/html,x)",
  "[a](//evil.example/x)",
  "[a](/\\evil.example)",
  "[a]( javascript:alert(1))",
  "![a](https://evil.example/x.png)",
  "![a](/api/v1/../../x)",
  "<img src=x onerror=alert(1)>",
  "<script>alert(1)</script>",
])("%s is text", (text) => {
  const [block, ...rest] = parseMarkdown(text);
  expect(rest).toEqual([]);
  expect(block).toEqual({ kind: "paragraph", inline: [text] });
});

test("a long text of open marks is read in no time", () => {
  const blocks = parseMarkdown("*a **b [c](".repeat(1800));
  expect(blocks).toHaveLength(1);
});
