import { Anchor } from "@mantine/core";
import { Link } from "react-router";

/** Leads from a form that begins as something to one that begins anew. */
export function BeginElsewhere() {
  return (
    <Anchor component={Link} to="/launch" size="sm">
      Begin with something else
    </Anchor>
  );
}
