import { useCallback } from "react";

import type { QuerySummary } from "../../../api/types";
import type { IndexMap } from "../../../lib/index-map";
import { IGNORE_ID, paintClasses, type Palette } from "../../../lib/label-colours";
import { at } from "../../../lib/place";
import { smallCopy } from "./small-copy";
import { paintRegion, paintUncertainty } from "./query-painting";
import { MapCanvas } from "./map-canvas";
import "./query-picture.css";

export type QueryLayer = "picture" | "uncertainty" | "proposal" | "answer" | "disagreement";
type Addresses = Pick<
  QuerySummary,
  "id" | "answers_wanted" | "answers" | "image" | "width" | "height" | "picture_url" | "region_url" | "proposal_url" | "uncertainty_url" | "answer_url"
>;

interface QueryPictureProps {
  query: Addresses;
  layer: QueryLayer;
  palette: Palette;
  ignoreId?: number;
  /** Of the layer over the picture, 0 to 1. */
  opacity?: number;
  /** Whether the border of the queried pixels is drawn. */
  hasRegion?: boolean;
  /** Whether a small copy is enough. */
  isSmall?: boolean;
}

/** The image of a query, with one layer over it and the border of the region. */
export function QueryPicture(props: QueryPictureProps) {
  const { query, layer, palette, ignoreId = IGNORE_ID, opacity = 1, hasRegion = false, isSmall = false } = props;
  const paint = useCallback(
    (pixels: Uint8ClampedArray, { ids }: IndexMap) => {
      if (layer === "uncertainty" || layer === "disagreement") {
        paintUncertainty(pixels, ids);
      } else {
        paintClasses(pixels, ids, palette, ignoreId, null);
      }
    },
    [layer, palette, ignoreId],
  );
  const paintBorder = useCallback((pixels: Uint8ClampedArray, { ids, width }: IndexMap) => paintRegion(pixels, ids, width), []);
  // There is no small copy of where answers differ.
  const src = layer === "disagreement" && isSmall ? null : sized(addressOf(query, layer), isSmall);
  const region = sized(query.region_url, isSmall);
  return (
    <span className="query-picture" style={{ aspectRatio: `${query.width} / ${query.height}` }}>
      <img src={sized(query.picture_url, isSmall)} alt={query.image} loading="lazy" className="pixels" />
      {src !== null && (
        <span style={{ opacity }}>
          <MapCanvas key={src} src={src} alt={`${layer} of ${query.image}`} paint={paint} />
        </span>
      )}
      {layer === "answer" && src === null && <span className="layer-note">no answer yet</span>}
      {layer === "disagreement" && !hasDisagreement(query) && <span className="layer-note">no two independent answers</span>}
      {hasRegion && region !== null && <MapCanvas src={region} alt={`region of ${query.image}`} paint={paintBorder} />}
    </span>
  );
}

function addressOf(query: Addresses, layer: QueryLayer): string | null {
  // It changes with every answer, so what is kept of it is named by their number.
  const disagreement = hasDisagreement(query) ? at(`/api/v1/queries/${query.id}/disagreement#${query.answers}`) : null;
  const addresses = { disagreement, picture: null, uncertainty: query.uncertainty_url, proposal: query.proposal_url, answer: query.answer_url };
  return addresses[layer];
}

/** Whether it can be shown where the answers to a query differ. */
export function hasDisagreement({ answers_wanted, answers }: Pick<Addresses, "answers_wanted" | "answers">): boolean {
  return answers_wanted > 1 && answers > 1;
}

/** The address of a small copy, where one is enough. */
function sized<T extends string | null>(address: T, isSmall: boolean): T | string {
  return address !== null && isSmall ? smallCopy(address) : address;
}
