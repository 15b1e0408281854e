import { Text, UnstyledButton } from "@mantine/core";
import { useState } from "react";

import type { DatasetImage } from "../../api/types";
import { Icon } from "../../components/icon";
import { LabelPicture } from "../../components/label-picture";

interface ImageTileProps {
  image: DatasetImage;
  /** Colours of the labels that lie over the picture; null for none. */
  colours: ReadonlyMap<number, string> | null;
  onOpen: () => void;
}

/** A small picture that opens the large one. */
export function ImageTile({ image, colours, onOpen }: ImageTileProps) {
  const [isBroken, setIsBroken] = useState(false);
  // A picture far below is fetched once it comes near; its label waits for it.
  const [isLoaded, setIsLoaded] = useState(false);
  return (
    <UnstyledButton className="dataset-tile" onClick={onOpen} title={`${image.id}, ${image.split} ${image.index}`}>
      <span className="labelled-picture">
        {isBroken ? (
          <span className="broken-picture">
            <Icon name="failed" /> cannot be shown; open it to see the reason
          </span>
        ) : (
          <img src={image.picture} alt={image.id} loading="lazy" onLoad={() => setIsLoaded(true)} onError={() => setIsBroken(true)} />
        )}
        {colours !== null && isLoaded && (
          <LabelPicture src={image.labels} alt={`label of ${image.id}`} colours={colours} className="label-overlay" />
        )}
      </span>
      <Text size="xs" c="dimmed" truncate>
        {image.id}
      </Text>
    </UnstyledButton>
  );
}
