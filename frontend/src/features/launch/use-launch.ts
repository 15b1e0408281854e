import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRef } from "react";
import { useNavigate } from "react-router";

import { type Launch, launch, type StoredExperiments } from "./launch";

/** Starts runs and opens them. A second press before the answer does nothing. */
export function useLaunch(onStarted: () => void) {
  const navigate = useNavigate();
  const client = useQueryClient();
  const stored = useRef<StoredExperiments>(new Map());
  // The state of the mutation is known one rendering later: too late for a double click.
  const isUnderWay = useRef(false);
  const mutation = useMutation({
    mutationFn: (wanted: Launch) => launch(wanted, stored.current),
    onSuccess: async (runs) => {
      onStarted();
      await client.invalidateQueries({ queryKey: ["runs"] });
      const [first] = runs;
      await navigate(runs.length === 1 ? `/runs/${first?.id ?? ""}` : `/experiments/${first?.experimentId ?? ""}`);
    },
    onSettled: () => {
      isUnderWay.current = false;
    },
  });
  const start = (wanted: Launch) => {
    if (!isUnderWay.current) {
      isUnderWay.current = true;
      mutation.mutate(wanted);
    }
  };
  return { mutation, start };
}
