import { Group } from "@mantine/core";

import { ClassName } from "../../../components/class-name";
import type { PredictionPage } from "../../../api/types";
import { shownClasses } from "./panel-rows";

/** What colours and patterns of the tiles mean. */
export function PredictionLegend({ page, mode }: { page: PredictionPage; mode: "prediction" | "errors" }) {
  const hasBackground = page.items.some((image) => image.background_id !== null);
  return (
    <Group gap="xs" className="prediction-legend" aria-label="legend" role="group">
      {mode === "errors" && (
        <>
          <Pattern className="pattern-wrong" name="wrong" />
          <Pattern className="pattern-unlearnt" name="not learnt yet" />
        </>
      )}
      {hasBackground && <ClassName name="background" colour="#000000" size="xs" />}
      {shownClasses(page).map((label) => (
        <ClassName key={label.id} name={label.name} colour={label.colour} size="xs" />
      ))}
    </Group>
  );
}

function Pattern({ className, name }: { className: string; name: string }) {
  return (
    <Group gap={6} wrap="nowrap" fz="xs">
      <span className={`class-swatch ${className}`} aria-hidden="true" />
      {name}
    </Group>
  );
}
