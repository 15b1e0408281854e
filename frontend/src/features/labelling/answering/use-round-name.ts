import { useInfiniteQuery, useQuery } from "@tanstack/react-query";

import { runQuery } from "../../../api/queries";
import { roundsQuery } from "../../../api/round-queries";
import { useMayResearch } from "../../../api/session";
import type { StageDetail } from "../../../api/types";
import { waitingRoundsQuery } from "../labelling-queries";

/** What a round is called: researchers see it by its run, annotators by the list of rounds that wait. */
export function useRoundName(stage: StageDetail) {
  const mayResearch = useMayResearch();
  const run = useQuery({ ...runQuery(stage.run_id), enabled: mayResearch });
  const rounds = useQuery({ ...roundsQuery(stage.run_id), enabled: mayResearch });
  const waiting = useInfiniteQuery({ ...waitingRoundsQuery(), enabled: !mayResearch });
  const listed = waiting.data?.pages.flatMap(({ items }) => items).find((one) => one.stage_id === stage.id);
  const round = rounds.data?.rounds.find(({ batch }) => batch?.label_stage_id === stage.id);
  const index = round?.index ?? listed?.round;
  const name = run.data?.experiment_name ?? listed?.experiment_name ?? "run";
  const title = `${index === undefined ? stage.name : `Round ${index}`} of ${name}`;
  return { name, title, index, round, headline: rounds.data?.headline };
}
