import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { partsOfBeginning } from "./beginning";
import { presetQuery } from "./launch-queries";

interface FollowingName {
  /** What the document begins with now, and what it began with. */
  beginning: string;
  first: string;
  /** The name that the first beginning gives. */
  firstName: string;
  /** The name as it stands in its field. */
  name: string;
  onName: (name: string) => void;
}

/** While nobody has typed another name, the name is the title of the preset that the document begins with now. */
export function useFollowingName({ beginning, first, firstName, name, onName }: FollowingName): void {
  const [given, setGiven] = useState(firstName);
  const { preset } = partsOfBeginning(beginning);
  const detail = useQuery(presetQuery(preset));
  const title = beginning === first ? firstName : preset === null ? "" : detail.data?.title;
  if (title !== undefined && title !== given) {
    setGiven(title);
    if (name === given) {
      onName(title);
    }
  }
}
