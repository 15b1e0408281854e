import { Anchor } from "@mantine/core";
import { Link } from "react-router";

import { EmptyState } from "./empty-state";

const LISTS = {
  run: { to: "/runs", name: "Go to the list of runs" },
  dataset: { to: "/datasets", name: "Go to the list of datasets" },
  round: { to: "/labelling", name: "Go to the open rounds" },
  query: { to: "/labelling", name: "Go to the open rounds" },
  experiment: { to: "/runs", name: "Go to the list of runs" },
} as const;

interface NoSuchProps {
  noun: keyof typeof LISTS;
  id: string;
}

/** Stands where the address names something that there is not. */
export function NoSuch({ noun, id }: NoSuchProps) {
  return (
    <EmptyState title={`There is no ${noun} ${id}`}>
      The address may be incomplete, or the {noun} was deleted.{" "}
      <Anchor component={Link} to={LISTS[noun].to}>
        {LISTS[noun].name}
      </Anchor>
    </EmptyState>
  );
}
