import { Button } from "@mantine/core";
import { Link, useNavigate } from "react-router";

import { KeyHint } from "../../../components/key-hint";
import { useSettledKeys } from "../answering/use-settled-keys";

/** Leads to the page on which the query is painted. */
export function PaintLink({ address, queryId }: { address: string; queryId: string }) {
  const navigate = useNavigate();
  useSettledKeys(queryId, { p: () => void navigate(address) });
  return (
    <Button component={Link} to={address} variant="light">
      Paint
      <KeyHint keys="P" />
    </Button>
  );
}
