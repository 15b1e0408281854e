import { Button, Text } from "@mantine/core";

import { SOURCE, type Source } from "../engine/label-map";
import type { KeysOfPage } from "./keys/key-bindings";
import type { PaintWork } from "./load-work";
import { usePlace } from "./pointer-track";
import type { Painting } from "./use-painting";

const SOURCE_WORDS: Record<Source, string> = {
  [SOURCE.none]: "",
  [SOURCE.model]: "from the teacher",
  [SOURCE.person]: "painted",
  [SOURCE.assisted]: "painted with help",
};

interface StatusLineProps {
  work: PaintWork;
  painting: Painting;
  keys: KeysOfPage;
  onKeys: () => void;
}

/** Where the pointer is and what lies there; the zoom. */
export function StatusLine({ work, painting, keys, onKeys }: StatusLineProps) {
  const percent = Math.round(100 * painting.view.zoom);
  return (
    <div className="paint-status">
      <UnderPointer work={work} painting={painting} />
      <span className="paint-status-end">
        <Button size="compact-xs" variant="subtle" color="gray" onClick={() => painting.zoomBy(1 / 1.25)} aria-label="zoom out" title={keys.hint("view.out")}>
          −
        </Button>
        <Text size="xs" role="status" aria-label="zoom" miw={46} ta="center">
          {percent} %
        </Text>
        <Button size="compact-xs" variant="subtle" color="gray" onClick={() => painting.zoomBy(1.25)} aria-label="zoom in" title={keys.hint("view.in")}>
          +
        </Button>
        <Button size="compact-xs" variant="default" onClick={painting.fit} title={`show the whole image (${keys.hint("view.fit")})`}>
          Fit
        </Button>
        <Button size="compact-xs" variant="default" onClick={painting.actual} title={`one pixel of the image takes one of the screen (${keys.hint("view.actual")})`}>
          1:1
        </Button>
        <Button size="compact-xs" variant="default" onClick={onKeys} title="all keys: read and change them">
          Keys {keys.hint("sheet.keys")}
        </Button>
      </span>
    </div>
  );
}

function UnderPointer({ work, painting }: Pick<StatusLineProps, "work" | "painting">) {
  const place = usePlace(painting.track);
  const { query, painter, proposal, queried } = work;
  if (place === null) {
    return (
      <Text size="xs" c="dimmed">
        {query.width} × {query.height} px
      </Text>
    );
  }
  const [column, row] = [Math.floor(place.x), Math.floor(place.y)];
  const isInside = column >= 0 && row >= 0 && column < query.width && row < query.height;
  const at = row * query.width + column;
  const nameOf = (id: number | undefined) => query.classes.find((label) => label.id === id)?.name ?? "unlabelled";
  const source = SOURCE_WORDS[(painter.map.sources[at] ?? SOURCE.none) as Source];
  const certain = proposal.uncertainty === null ? "" : `, ${Math.round(100 - (proposal.uncertainty[at] ?? 0) / 2.55)} % certain`;
  return (
    <Text size="xs" truncate>
      <span className="paint-position">
        {column}, {row}
      </span>
      {isInside && (
        <>
          <b>{queried !== null && queried[at] !== 1 ? "not queried" : nameOf(painter.map.ids[at])}</b>
          {source !== "" && ` ${source}`}
          <span className="paint-status-teacher">
            teacher: {nameOf(proposal.ids[at])}
            {certain}
          </span>
        </>
      )}
    </Text>
  );
}
