import { Anchor, Group, Table, Text } from "@mantine/core";

import type { QueryDetail } from "../../../api/types";
import { ClassName } from "../../../components/class-name";
import { ColumnTitles } from "../../../components/column-titles";
import { formatCount, formatDuration, formatMoment, formatNumber, formatPercent, formatValue, NOTHING } from "../../../lib/format";
import { queryStateWord } from "../queries/query-words";

/** What is known about a query. */
export function QueryFacts({ query }: { query: QueryDetail }) {
  const facts: [string, string][] = [
    ["image", query.image],
    ["size", `${query.width} × ${query.height} px`],
    ["state", queryStateWord(query.state)],
    ["value", formatValue(query.value)],
    ["rank", formatNumber(query.rank)],
    ["group", query.group === "" ? NOTHING : query.group],
    ["main class", query.classes.find(({ id }) => id === query.main_class)?.name ?? String(query.main_class)],
    ["queried", `${formatCount(query.pixels, "pixel")}, ${formatCount(query.clicks, "place")} (${query.unit})`],
    [query.state === "leased" ? "who has it" : "author", query.author ?? NOTHING],
    ["leased until", formatMoment(query.lease_until)],
    ["last note", query.message ?? NOTHING],
  ];
  return (
    <Table fz="sm" verticalSpacing={4} aria-label="facts about the query">
      <Table.Tbody>
        {facts.map(([name, value]) => (
          <Table.Tr key={name}>
            <Table.Th scope="row" w={130}>
              {name}
            </Table.Th>
            <Table.Td className="break-words">{value}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

/** The classes with which it may be answered; of an answer also their pixels. */
export function AnswerClasses({ query }: { query: QueryDetail }) {
  const pixels = query.annotations.find((answer) => answer.version === query.version)?.class_pixels ?? {};
  return (
    <Group gap="sm" className="class-legend" role="group" aria-label="classes">
      {query.classes.map((label) => {
        const count = pixels[label.id] ?? 0;
        return (
          <Group key={label.id} gap={4} wrap="nowrap">
            <ClassName name={label.name} colour={label.colour} size="xs" />
            {count > 0 && (
              <Text size="xs" c="dimmed">
                {formatNumber(count)} px
              </Text>
            )}
          </Group>
        );
      })}
    </Group>
  );
}

interface AnswerVersionsProps {
  query: QueryDetail;
  shown: number;
  onShow: (version: number) => void;
}

/** Every version of the answer, by whom, when, and how far it agrees with the teacher. */
export function AnswerVersions({ query, shown, onShow }: AnswerVersionsProps) {
  if (query.annotations.length === 0) {
    return null;
  }
  return (
    <Table.ScrollContainer minWidth={560}>
      <Table fz="sm" verticalSpacing={4} aria-label="versions of the answer">
        <ColumnTitles titles={["version", "author", "at", "labelled", "as the teacher", "effort", "mask"]} />
        <Table.Tbody>
          {[...query.annotations].reverse().map((answer) => (
            <Table.Tr key={answer.id} fw={answer.version === shown ? 600 : undefined}>
              <Table.Td>
                {answer.version}
                {answer.is_late && " (after the round was closed)"}
              </Table.Td>
              <Table.Td>
                {answer.author}, {answer.source}
              </Table.Td>
              <Table.Td>{formatMoment(answer.created_at)}</Table.Td>
              <Table.Td>{formatCount(answer.pixels, "pixel")}</Table.Td>
              <Table.Td>{answer.agreement === null ? NOTHING : `${formatPercent(answer.agreement)} %`}</Table.Td>
              <Table.Td>
                {formatCount(answer.clicks, "click")}, {formatDuration(answer.seconds)}
              </Table.Td>
              <Table.Td>
                <Group gap="xs" wrap="nowrap">
                  <Anchor component="button" type="button" size="sm" onClick={() => onShow(answer.version)}>
                    show
                  </Anchor>
                  <Anchor href={answer.mask_url} download size="sm" aria-label={`download version ${answer.version}`}>
                    download
                  </Anchor>
                </Group>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
