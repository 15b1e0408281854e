import { Anchor, Blockquote, Code, List, Text, Title } from "@mantine/core";
import { Fragment, type ReactNode } from "react";

import { type Block, type Inline, parseMarkdown } from "../lib/markdown";
import { at } from "../lib/place";
import "./markdown.css";

/** A text that somebody wrote in Markdown; nothing of it becomes HTML, so that it can do no harm. */
export function Markdown({ text }: { text: string }) {
  return <div className="markdown">{parseMarkdown(text).map(drawBlock)}</div>;
}

function drawBlock(block: Block, key: number): ReactNode {
  switch (block.kind) {
    case "paragraph":
      return (
        <Text key={key} component="p" size="sm">
          {block.inline.map(drawInline)}
        </Text>
      );
    case "heading":
      // The page has headings above it.
      return (
        <Title key={key} order={block.level === 1 ? 3 : 4} size={block.level === 1 ? "h5" : "h6"}>
          {block.inline.map(drawInline)}
        </Title>
      );
    case "list":
      return (
        <List key={key} size="sm" {...(block.start === null ? {} : { type: "ordered" as const, start: block.start })}>
          {block.items.map((item, index) => (
            <List.Item key={index}>{item.map(drawBlock)}</List.Item>
          ))}
        </List>
      );
    case "quote":
      return (
        <Blockquote key={key} p="xs" my={0}>
          {block.blocks.map(drawBlock)}
        </Blockquote>
      );
    case "code":
      return (
        <Code key={key} block>
          {block.text}
        </Code>
      );
    case "rule":
      return <hr key={key} />;
  }
}

function drawInline(part: Inline, key: number): ReactNode {
  if (typeof part === "string") {
    return <Fragment key={key}>{part}</Fragment>;
  }
  switch (part.kind) {
    case "strong":
      return <strong key={key}>{part.inline.map(drawInline)}</strong>;
    case "em":
      return <em key={key}>{part.inline.map(drawInline)}</em>;
    case "code":
      return <Code key={key}>{part.text}</Code>;
    case "link":
      return (
        <Anchor key={key} href={at(part.href)} target="_blank" rel="noopener noreferrer" size="sm">
          {part.inline.map(drawInline)}
        </Anchor>
      );
    case "image":
      return <img key={key} src={at(part.address)} alt={part.alt} loading="lazy" />;
    case "break":
      return <br key={key} />;
  }
}
