import { Anchor, ScrollArea, Table } from "@mantine/core";

import type { DatasetDetail, SplitDetail } from "../../api/types";
import { ClassName } from "../../components/class-name";
import { Panel } from "../../components/panel";
import { formatCount, formatNumber } from "../../lib/format";
import { classRows, shareOf } from "./class-counts";
import { shareText } from "./dataset-text";
import { useImageView } from "./use-image-view";

/** Every class with its colour, and how many images and pixels it has in each split. */
export function ClassTable({ dataset }: { dataset: DatasetDetail }) {
  const view = useImageView();
  return (
    <Panel
      title="Classes"
      hint={`${formatCount(dataset.classes.length, "class", "classes")}; number of images that show each class, and its share of all pixels`}
    >
      <ScrollArea type="auto">
        <Table fz="sm" verticalSpacing={3} className="class-counts" aria-label="images and pixels of each class">
          <Table.Thead>
            <Table.Tr>
              <Table.Th className="number">Id</Table.Th>
              <Table.Th>Class</Table.Th>
              {dataset.splits.flatMap((split) => [
                <Table.Th key={`${split.name} images`}>{split.name}: images</Table.Th>,
                <Table.Th key={`${split.name} pixels`}>{split.name}: pixels</Table.Th>,
              ])}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {classRows(dataset).map((row) => (
              <Table.Tr key={row.id}>
                <Table.Td className="number">{row.id}</Table.Td>
                <Table.Td>
                  <Anchor
                    component="button"
                    type="button"
                    size="sm"
                    title={`show images with ${row.name}`}
                    onClick={() => view.filter({ split: view.split, classId: row.id })}
                  >
                    <ClassName name={row.name} colour={row.colour ?? "transparent"} />
                  </Anchor>
                </Table.Td>
                {dataset.splits.map((split) => (
                  <SplitCells key={split.name} split={split} id={row.id} />
                ))}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </ScrollArea>
    </Panel>
  );
}

function SplitCells({ split, id }: { split: SplitDetail; id: number }) {
  const share = shareOf(split, id);
  return (
    <>
      <Table.Td>
        <Bar part={share.images} whole={share.allImages} text={formatNumber(share.images)} title="images" />
      </Table.Td>
      <Table.Td>
        <Bar
          part={share.pixels}
          whole={share.allPixels}
          text={shareText(share.pixels, share.allPixels)}
          title={formatCount(share.pixels, "pixel")}
        />
      </Table.Td>
    </>
  );
}

/** A number with a bar as long as its share; the number alone says everything. */
function Bar({ part, whole, text, title }: { part: number; whole: number; text: string; title: string }) {
  const width = whole === 0 ? 0 : (100 * part) / whole;
  return (
    <div className="count-bar" title={title}>
      <span className="count-bar-track" aria-hidden="true">
        <span style={{ width: `${width}%` }} />
      </span>
      <span className="number">{text}</span>
    </div>
  );
}
