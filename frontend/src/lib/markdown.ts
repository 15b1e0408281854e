/** A part of a line. */
export type Inline =
  | string
  | { kind: "strong" | "em"; inline: Inline[] }
  | { kind: "code"; text: string }
  | { kind: "link"; href: string; inline: Inline[] }
  | { kind: "image"; address: string; alt: string }
  | { kind: "break" };

/** A part of a text. */
export type Block =
  | { kind: "paragraph"; inline: Inline[] }
  | { kind: "heading"; level: number; inline: Inline[] }
  /** `start` is the first number; null for a list of points. */
  | { kind: "list"; start: number | null; items: Block[][] }
  | { kind: "quote"; blocks: Block[] }
  | { kind: "code"; text: string }
  | { kind: "rule" };

const HEADING = /^(#{1,6})\s+(.*?)\s*#*$/;
const RULE = /^ {0,3}([-*_])(?:\s*\1){2,}\s*$/;
const QUOTE = /^ {0,3}> ?/;
const ITEM = /^( {0,3})(?:([-*+])|(\d{1,9})[.)])(\s+)(?=\S)/;
const MAX_DEPTH = 8;

/** Read the part of CommonMark that people write instructions in: the result is a tree, never HTML.
 *
 * HTML, and addresses that lead neither to the web nor into the service, stay text.
 */
export function parseMarkdown(text: string): Block[] {
  return parseBlocks(text.replaceAll("\r\n", "\n").split("\n"), 0);
}

function parseBlocks(lines: readonly string[], depth: number): Block[] {
  const blocks: Block[] = [];
  let at = 0;
  while (at < lines.length) {
    const [block, next] = blockAt(lines, at, depth);
    if (block !== null) {
      blocks.push(block);
    }
    at = next;
  }
  return blocks;
}

/** The block that begins at a line, and the line after it; null for an empty line. */
function blockAt(lines: readonly string[], at: number, depth: number): [Block | null, number] {
  const line = lines[at] ?? "";
  if (line.trim() === "") {
    return [null, at + 1];
  }
  if (line.startsWith("```")) {
    const end = lines.findIndex((other, index) => index > at && other.startsWith("```"));
    const last = end === -1 ? lines.length : end;
    return [{ kind: "code", text: lines.slice(at + 1, last).join("\n") }, last + 1];
  }
  const heading = HEADING.exec(line);
  if (heading !== null) {
    return [{ kind: "heading", level: heading[1]?.length ?? 1, inline: parseInline(heading[2] ?? "") }, at + 1];
  }
  if (RULE.test(line)) {
    return [{ kind: "rule" }, at + 1];
  }
  if (depth < MAX_DEPTH && QUOTE.test(line)) {
    const end = endOf(lines, at, (other) => QUOTE.test(other));
    return [{ kind: "quote", blocks: parseBlocks(lines.slice(at, end).map((other) => other.replace(QUOTE, "")), depth + 1) }, end];
  }
  if (depth < MAX_DEPTH && ITEM.test(line)) {
    return listAt(lines, at, depth);
  }
  const end = endOf(lines, at, (other) => other.trim() !== "" && !begins(other));
  return [{ kind: "paragraph", inline: parseInline(lines.slice(at, end).join("\n")) }, end];
}

function begins(line: string): boolean {
  return line.startsWith("```") || HEADING.test(line) || RULE.test(line) || QUOTE.test(line) || ITEM.test(line);
}

/** The first line after `at` that does not belong to what begins there. */
function endOf(lines: readonly string[], at: number, belongs: (line: string) => boolean): number {
  let end = at + 1;
  while (end < lines.length && belongs(lines[end] ?? "")) {
    end += 1;
  }
  return end;
}

function listAt(lines: readonly string[], first: number, depth: number): [Block, number] {
  const items: Block[][] = [];
  const opening = ITEM.exec(lines[first] ?? "");
  const isNumbered = opening?.[3] !== undefined;
  let at = first;
  for (;;) {
    const item = ITEM.exec(lines[at] ?? "");
    if (item === null || (item[3] !== undefined) !== isNumbered) {
      break;
    }
    const indent = item[0].length;
    const end = endOf(lines, at, (line) => line.trim() !== "" && (line.search(/\S/) >= indent || !begins(line)));
    const [head = "", ...rest] = lines.slice(at, end);
    items.push(parseBlocks([head.slice(indent), ...rest.map((line) => line.slice(Math.min(indent, line.search(/\S/))))], depth + 1));
    at = end;
  }
  return [{ kind: "list", start: isNumbered ? Number(opening[3]) : null, items }, at];
}

/** Longest mark within a line; what is longer stays text, so that no text takes long to read. */
const NEAR = 1000;
const INLINE = new RegExp(
  [
    String.raw`\\([!-/:-@[-\x60{-~])`,
    String.raw`\x60([^\x60]{1,${NEAR}})\x60`,
    String.raw`(!?)\[([^\]]{0,${NEAR}})\]\(([^\s()]{1,${NEAR}})\)`,
    String.raw`\*\*(?=\S)((?:[^*]|\*(?!\*)){1,${NEAR}}?[^\s*])\*\*`,
    String.raw`\*(?=[^\s*])([^*]{0,${NEAR}}[^\s*])\*`,
    String.raw`(?<!\w)_(?=[^\s_])([^_]{0,${NEAR}}[^\s_])_(?!\w)`,
    String.raw` {2,}\n`,
  ].join("|"),
  "g",
);

function parseInline(text: string, depth = 0): Inline[] {
  const parts: Inline[] = [];
  let done = 0;
  for (const found of depth < MAX_DEPTH ? text.matchAll(INLINE) : []) {
    add(parts, text.slice(done, found.index));
    add(parts, inlineOf(found, depth));
    done = found.index + found[0].length;
  }
  add(parts, text.slice(done));
  return parts;
}

function inlineOf(found: RegExpExecArray, depth: number): Inline {
  const [whole, escaped, code, bang, label, address, strong, star, line] = found;
  if (escaped !== undefined) {
    return escaped;
  }
  if (code !== undefined) {
    return { kind: "code", text: code };
  }
  if (address !== undefined) {
    return addressed(whole, { isImage: bang === "!", label: label ?? "", address }, depth);
  }
  if (strong !== undefined) {
    return { kind: "strong", inline: parseInline(strong, depth + 1) };
  }
  const emphasised = star ?? line;
  return emphasised === undefined ? { kind: "break" } : { kind: "em", inline: parseInline(emphasised, depth + 1) };
}

const TO_THE_WEB = /^(https?:\/\/|mailto:)[^\\]+$/i;
const INTO_THE_SERVICE = /^\/(?![/\\])[^\\]*$/;
const PICTURE = /^\/api\/v1\/(?!.*\.\.)[\w\-./?=&%]+$/;

function addressed(whole: string, { isImage, label, address }: { isImage: boolean; label: string; address: string }, depth: number): Inline {
  if (isImage) {
    return PICTURE.test(address) ? { kind: "image", address, alt: label } : whole;
  }
  const isKnown = TO_THE_WEB.test(address) || INTO_THE_SERVICE.test(address);
  return isKnown ? { kind: "link", href: address, inline: parseInline(label, depth + 1) } : whole;
}

/** Adds a part; texts that follow each other become one. */
function add(parts: Inline[], part: Inline): void {
  const last = parts.at(-1);
  if (typeof part === "string" && typeof last === "string") {
    parts[parts.length - 1] = last + part;
  } else if (part !== "") {
    parts.push(part);
  }
}
