import { Alert, Button, Group, Modal, SegmentedControl, Text, UnstyledButton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { QueryFace } from "../../../../components/query-face";
import { formatCount } from "../../../../lib/format";
import { useKeys } from "../../../../lib/keys";
import type { KeptWork } from "../kept-work";
import type { PaintWork } from "../load-work";
import { readVersions, type Versions } from "./read-versions";
import { VersionCanvas } from "./version-canvas";

type Side = "here" | "elsewhere";

interface ConflictDialogProps {
  work: PaintWork;
  author: string;
  /** What this browser kept and has not laid over the map yet. */
  kept: KeptWork | null;
  /** For each difference, the version that counts. */
  onChosen: (versions: Versions, sides: readonly Side[]) => void;
  onClose: () => void;
}

/** Shows what is here beside what was saved elsewhere, place by place; the person chooses for each. */
export function ConflictDialog({ work, author, kept, onChosen, onClose }: ConflictDialogProps) {
  const versions = useQuery({
    queryKey: ["labelling", "versions", work.query.id, author] as const,
    gcTime: 0,
    staleTime: Infinity,
    structuralSharing: false,
    queryFn: () => readVersions(work, author, kept),
  });
  return (
    <Modal opened onClose={onClose} title="Two versions of your work" size="min(1200px, 96vw)" transitionProps={{ duration: 0 }}>
      <QueryFace query={versions} height={360}>
        {(found) => <Choices work={work} versions={found} onChosen={(sides) => onChosen(found, sides)} />}
      </QueryFace>
    </Modal>
  );
}

interface ChoicesProps {
  work: PaintWork;
  versions: Versions;
  onChosen: (sides: readonly Side[]) => void;
}

function Choices({ work, versions, onChosen }: ChoicesProps) {
  const { differences } = versions;
  const [sides, setSides] = useState<readonly Side[]>(() => differences.map(() => "here"));
  const [shown, show] = useState(0);
  const choose = (side: Side) => setSides((now) => now.map((one, index) => (index === shown ? side : one)));
  const step = (by: number) => show((now) => Math.min(differences.length - 1, Math.max(0, now + by)));
  useKeys(
    { ArrowUp: () => step(-1), ArrowDown: () => step(1), ArrowLeft: () => choose("here"), ArrowRight: () => choose("elsewhere") },
    "dialog",
  );
  const difference = differences[shown];
  if (difference === undefined) {
    return (
      <Group justify="space-between">
        <Text size="sm">Both versions are the same.</Text>
        <Button onClick={() => onChosen([])} data-autofocus>
          Go on
        </Button>
      </Group>
    );
  }
  return (
    <>
      <Alert p="xs" mb="xs">
        Somebody saved this work elsewhere, such as in your other tab. Nothing is lost yet: choose for each place which version counts. Arrow keys: up
        and down go from place to place, left and right choose.
      </Alert>
      <div className="conflict">
        <ol className="conflict-list" aria-label="places that differ">
          {differences.map(({ rect, pixels }, index) => (
            <li key={`${rect.left} ${rect.top}`}>
              <UnstyledButton className="paint-class" aria-pressed={index === shown} onClick={() => show(index)}>
                <Text size="sm" flex={1}>
                  {index + 1} · {formatCount(pixels, "pixel")}
                </Text>
                <Text size="xs" c="dimmed">
                  {sides[index]}
                </Text>
              </UnstyledButton>
            </li>
          ))}
        </ol>
        {(["here", "elsewhere"] as const).map((side) => (
          <figure key={side} className="version" data-chosen={sides[shown] === side} onClick={() => choose(side)}>
            <figcaption>{side === "here" ? "painted here" : "saved elsewhere"}</figcaption>
            <VersionCanvas work={work} version={versions[side]} difference={difference} label={`place ${shown + 1}, ${side}`} />
          </figure>
        ))}
      </div>
      <Group justify="space-between" mt="sm">
        <SegmentedControl
          size="sm"
          aria-label="which version counts in this place"
          data={[
            { value: "here", label: "here" },
            { value: "elsewhere", label: "elsewhere" },
          ]}
          value={sides[shown] ?? "here"}
          onChange={(side) => choose(side)}
        />
        <Group gap="xs">
          <Button variant="default" onClick={() => setSides(differences.map(() => "here"))}>
            All here
          </Button>
          <Button variant="default" onClick={() => setSides(differences.map(() => "elsewhere"))}>
            All elsewhere
          </Button>
          <Button onClick={() => onChosen(sides)} data-autofocus>
            Go on with this
          </Button>
        </Group>
      </Group>
    </>
  );
}
