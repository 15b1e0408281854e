import { useCallback } from "react";

import type { QuerySummary } from "../../../api/types";
import type { IndexMap } from "../../../lib/index-map";
import { IGNORE_ID, paintClasses, type Palette } from "../../../lib/label-colours";
import { smallCopy } from "./small-copy";
import { paintRegion, paintUncertainty } from "./query-painting";
import { MapCanvas } from "./map-canvas";
import "./query-picture.css";

export type QueryLayer = "picture" | "uncertainty" | "proposal" | "answer";
type Addresses = Pick<
  QuerySummary,
  "image" | "width" | "height" | "picture_url" | "region_url" | "proposal_url" | "uncertainty_url" | "answer_url"
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
      if (layer === "uncertainty") {
        paintUncertainty(pixels, ids);
      } else {
        paintClasses(pixels, ids, palette, ignoreId, null);
      }
    },
    [layer, palette, ignoreId],
  );
  const paintBorder = useCallback((pixels: Uint8ClampedArray, { ids, width }: IndexMap) => paintRegion(pixels, ids, width), []);
  const src = sized(addressOf(query, layer), isSmall);
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
      {hasRegion && region !== null && <MapCanvas src={region} alt={`region of ${query.image}`} paint={paintBorder} />}
    </span>
  );
}

function addressOf(query: Addresses, layer: QueryLayer): string | null {
  const addresses = { picture: null, uncertainty: query.uncertainty_url, proposal: query.proposal_url, answer: query.answer_url };
  return addresses[layer];
}

/** The address of a small copy, where one is enough. */
function sized<T extends string | null>(address: T, isSmall: boolean): T | string {
  return address !== null && isSmall ? smallCopy(address) : address;
}
