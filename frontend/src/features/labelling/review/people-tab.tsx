import { Stack, Table, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import type { HandOut } from "../../../api/types";
import { ColumnTitles } from "../../../components/column-titles";
import { Panel } from "../../../components/panel";
import { QueryFace } from "../../../components/query-face";
import { formatDuration, formatNumber } from "../../../lib/format";
import { handOutQuery } from "../instructions/hand-out-query";
import { AgreementView } from "./agreement-view";
import { roundAgreementQuery } from "./review-queries";

/** Who did what in a round, and how far independent answers agree. */
export function PeopleTab({ stageId }: { stageId: string }) {
  const handOut = useQuery(handOutQuery(stageId));
  const agreement = useQuery(roundAgreementQuery(stageId));
  return (
    <Stack gap="md">
      <Panel title="People" hint={handOut.data === undefined ? "" : ruleOf(handOut.data)}>
        <QueryFace query={handOut} height={80}>
          {({ people }) => <PeopleTable people={people} />}
        </QueryFace>
      </Panel>
      <Panel title="Agreement" hint="of answers that people gave independently, over the queried pixels">
        <QueryFace query={agreement} height={80}>
          {(report) => <AgreementView report={report} />}
        </QueryFace>
      </Panel>
    </Stack>
  );
}

function ruleOf({ overlap, assignment, annotators, ties }: HandOut): string {
  const answers = overlap === 1 ? "one answer a query" : `up to ${overlap} independent answers a query`;
  const who = annotators.length === 0 ? "by anybody" : `by ${annotators.join(", ")}`;
  const dealt = assignment === "fixed" ? ", dealt out beforehand" : "";
  const tied = overlap === 1 ? "" : `; ties ${ties === "review" ? "go to a researcher" : "get no label"}`;
  return `${answers}, ${who}${dealt}${tied}`;
}

function PeopleTable({ people }: { people: HandOut["people"] }) {
  if (people.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        Nobody has begun yet.
      </Text>
    );
  }
  return (
    <Table.ScrollContainer minWidth={560}>
      <Table fz="sm" verticalSpacing={4} aria-label="people of the round">
        <ColumnTitles titles={["name", "answered", "at work on", "skipped", "waiting for them", "clicks", "time", "a query"]} />
        <Table.Tbody>
          {people.map((one) => (
            <Table.Tr key={one.author}>
              <Table.Th scope="row" className="break-words">
                {one.author}
              </Table.Th>
              {[one.answered, one.leased, one.skipped, one.assigned, one.clicks].map((count, index) => (
                <Table.Td key={index}>{formatNumber(count)}</Table.Td>
              ))}
              <Table.Td>{formatDuration(one.seconds)}</Table.Td>
              <Table.Td>{one.answered === 0 ? "–" : formatDuration(one.seconds / one.answered)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
