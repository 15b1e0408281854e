import { useSearchParams } from "react-router";

import { useSetAddress } from "../../lib/address";
import type { ImageFilter } from "./dataset-queries";

/** Names an image by its place in the list of a split. */
export interface ImagePlace {
  split: string;
  index: number;
}

/** What the browser of images shows; it lives in the address. */
export interface ImageView extends ImageFilter {
  /** Whether labels lie over the pictures. */
  hasLabels: boolean;
  opened: ImagePlace | null;
  filter: (filter: ImageFilter) => void;
  showLabels: (isShown: boolean) => void;
  open: (place: ImagePlace | null) => void;
}

/** Reads and writes the address. */
export function useImageView(): ImageView {
  const [params] = useSearchParams();
  const change = useSetAddress();
  return {
    split: params.get("split"),
    classId: numberOf(params.get("class")),
    hasLabels: params.get("labels") !== "off",
    opened: placeOf(params.get("image")),
    filter: ({ split, classId }) => change({ split, class: classId, image: null }),
    showLabels: (isShown) => change({ labels: isShown ? null : "off" }),
    open: (place) => change({ image: place === null ? null : `${place.split}/${place.index}` }),
  };
}

function numberOf(text: string | null): number | null {
  return text !== null && /^\d{1,3}$/.test(text) ? Number(text) : null;
}

function placeOf(text: string | null): ImagePlace | null {
  const found = /^(.+)\/(\d{1,8})$/.exec(text ?? "");
  return found === null ? null : { split: found[1] ?? "", index: Number(found[2]) };
}
