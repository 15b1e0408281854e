import { queryOptions } from "@tanstack/react-query";

import { api, unwrap } from "../../../api/client";
import type { HandOut } from "../../../api/types";

/** How the queries of a round come to people, what these are told, and what each has done. */
export function handOutQuery(stageId: string) {
  return queryOptions({
    queryKey: ["labelling", "hand-out", stageId] as const,
    queryFn: ({ signal }) =>
      unwrap(api.GET("/api/v1/stages/{stage_id}/hand-out", { params: { path: { stage_id: stageId } }, signal })),
  });
}

/** What people are told. */
export type Instructions = Pick<HandOut, "instructions" | "class_instructions">;

/** Whether people are told anything at all. */
export function isTold({ instructions, class_instructions }: Instructions): boolean {
  return instructions.trim() !== "" || Object.keys(class_instructions).length > 0;
}

/** Tell people something else; who answers stays as it was. */
export function tellPeople(shown: HandOut, author: string, told: Instructions): Promise<HandOut> {
  const { stage_id, assignment, annotators } = shown;
  const body = { author, assignment, annotators, ...told };
  return unwrap(api.PUT("/api/v1/stages/{stage_id}/hand-out", { params: { path: { stage_id } }, body }));
}
