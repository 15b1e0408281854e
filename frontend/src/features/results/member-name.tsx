import { Anchor } from "@mantine/core";
import { Link } from "react-router";

import type { ComparedMember } from "../../api/types";

type Named = Pick<ComparedMember, "kind" | "key" | "label">;

/** Leads to a member's own page; a name of any script keeps the order of the words around it. */
export function MemberName({ member: { kind, key, label } }: { member: Named }) {
  return (
    <Anchor component={Link} to={`/${kind}s/${key}`} size="sm" className="member-name" title={label}>
      <bdi>{label}</bdi>
    </Anchor>
  );
}
