import { Text } from "@mantine/core";
import type { CSSProperties } from "react";

import { ApiError } from "../../api/api-error";
import type { ExchangeTask } from "../../api/types";
import { formatNumber } from "../../lib/format";
import { Problem } from "../problem";

/** How far an export or import is; why it failed; nothing once it has succeeded. */
export function TaskProgress({ task, noun }: { task: ExchangeTask; noun: string }) {
  if (task.problem !== null) {
    return <Problem error={errorOf(task.problem)} />;
  }
  if (task.state === "succeeded") {
    return null;
  }
  const percent = task.total === 0 ? 0 : Math.round((100 * task.done) / task.total);
  const text = task.total === 0 ? "waits for its turn, or counts what there is" : `${formatNumber(task.done)} of ${formatNumber(task.total)} ${noun}`;
  return (
    <div>
      <div
        className="progress-bar"
        role="progressbar"
        aria-label={`progress of the ${task.kind}`}
        aria-valuenow={percent}
        style={{ "--done": `${percent}%` } as CSSProperties}
      />
      <Text size="xs" c="dimmed">
        {text}
      </Text>
    </div>
  );
}

function errorOf({ slug, detail, errors }: NonNullable<ExchangeTask["problem"]>): ApiError {
  return new ApiError({ title: "It has failed", status: 0, detail, errors, type: `/problems/${slug}` });
}
