import { Stack, Table, Text } from "@mantine/core";

import type { ClassShare } from "../../../api/types";
import { ClassName } from "../../../components/class-name";
import { TallTable } from "../../../components/tall-table";
import { formatPercent } from "../../../lib/format";
import { byExcess, excessText, largestShare } from "./class-order";

/** Which classes are queried more than they are there; the most over-represented first. */
export function ClassShares({ classes }: { classes: readonly ClassShare[] }) {
  const whole = largestShare(classes);
  return (
    <section aria-label="classes of the queried pixels">
      <Stack gap={4}>
        <Text size="sm" fw={600}>
          Classes of the queried pixels
        </Text>
        <Text size="xs" c="dimmed">
          share of the pixels in percent, as the teacher sees pool and queries; answered as labelled
        </Text>
        <TallTable rows={classes.length} minWidth={420}>
          <Table fz="xs" verticalSpacing={2} stickyHeader aria-label="share of each class in pool, queries and answers" className="share-table">
            <Table.Thead>
              <Table.Tr>
                {["class", "pool", "queried", "against the pool", "answered"].map((title) => (
                  <Table.Th key={title} scope="col" className={title === "class" ? "" : "number"}>
                    {title}
                  </Table.Th>
                ))}
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {byExcess(classes).map((label) => (
                <Table.Tr key={label.id}>
                  <Table.Th scope="row">
                    <ClassName name={label.name} colour={label.colour} size="xs" />
                  </Table.Th>
                  <ShareCell share={label.pool} whole={whole} colour={label.colour} />
                  <ShareCell share={label.queried} whole={whole} colour={label.colour} />
                  <Table.Td className="number">{excessText(label)}</Table.Td>
                  <ShareCell share={label.answered} whole={whole} colour={label.colour} />
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </TallTable>
      </Stack>
    </section>
  );
}

/** A number over a bar in the class's colour; the number alone says everything. */
function ShareCell({ share, whole, colour }: { share: number | null; whole: number; colour: string }) {
  const width = share === null || whole === 0 ? 0 : (100 * share) / whole;
  return (
    <Table.Td className="share-cell">
      <span className="number">{formatPercent(share)}</span>
      <span className="share-track" aria-hidden="true">
        <span style={{ width: `${width}%`, background: colour }} />
      </span>
    </Table.Td>
  );
}
