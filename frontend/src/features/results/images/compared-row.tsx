import { Table, Text } from "@mantine/core";
import { Link } from "react-router";

import type { PredictedImage } from "../../../api/types";
import { KINDS } from "../../../components/predictions/kinds";
import type { PanelView } from "../../../components/predictions/panel-view";
import { TileCaption } from "../../../components/predictions/tile-face";
import type { MemberImage } from "./compared-panels";
import { ZoomTile } from "./zoom-tile";
import type { ZoomView } from "./zoom-view";

interface ComparedRowProps {
  image: MemberImage;
  view: PanelView;
  zoom: ZoomView;
  onZoom: (change: (before: ZoomView) => ZoomView) => void;
}

/** One test image: picture, ground truth, and what each member makes of it. */
export function ComparedRow({ image, view, zoom, onZoom }: ComparedRowProps) {
  const kind = KINDS[image.kind];
  return (
    <Table.Tr>
      <Table.Td>
        <ZoomTile view={zoom} onView={onZoom}>
          <img src={image.picture} alt={image.source} loading="lazy" draggable={false} className="panel-picture pixels" />
        </ZoomTile>
        <TileCaption text={image.source} />
      </Table.Td>
      <Table.Td>
        <ZoomTile view={zoom} onView={onZoom}>
          <kind.Truth image={image} view={view} />
        </ZoomTile>
        <TileCaption text={classNames(image, view)} />
      </Table.Td>
      {image.steps.map((done, member) => (
        <Table.Td key={member}>
          <ZoomTile view={zoom} onView={onZoom}>
            <kind.Step image={image.named[member] ?? image} view={view} done={done} />
          </ZoomTile>
          <Text size="xs" component="div">
            <kind.Caption image={image} view={view} done={done} />{" "}
            <Link to={`/runs/${done.run_id}`}>
              seed {done.seed}, step {done.step}
            </Link>
          </Text>
        </Table.Td>
      ))}
    </Table.Tr>
  );
}

function classNames(image: PredictedImage, view: PanelView): string {
  return image.classes.map((id) => view.classes.find((label) => label.id === id)?.name ?? `class ${id}`).join(", ");
}
