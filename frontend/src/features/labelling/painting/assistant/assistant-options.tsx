import { Button, Group, Loader, Text } from "@mantine/core";

import type { Painting } from "../use-painting";
import { type Assistant, type AssistantPhase, useSession } from "./use-assistant";

const WORDS: Record<Exclude<AssistantPhase, "ready">, string> = {
  off: "No model is set for this round; a researcher can choose one. The other tools work.",
  preparing: "A worker is preparing this image; the other tools work meanwhile.",
  loading: "Loading the model; the other tools work meanwhile.",
  failed: "The assistant cannot be used; the other tools work.",
};

/** The assistant's part of the options: how far it is, which model answers, and its candidates. */
export function AssistantOptions({ painting }: { painting: Painting }) {
  const { assistant } = painting;
  if (assistant.phase === "ready") {
    return <Candidates painting={painting} assistant={assistant} />;
  }
  const isBusy = assistant.phase === "preparing" || assistant.phase === "loading";
  return (
    <>
      {isBusy && <Loader size={16} aria-hidden="true" />}
      <Text size="xs" c="dimmed" role="status" aria-label="assistant" className="tool-hint" title={assistant.message ?? undefined}>
        {WORDS[assistant.phase]}
        {assistant.phase === "failed" && assistant.message !== null && ` ${assistant.message}`}
      </Text>
      {assistant.phase === "failed" && (
        <Button size="compact-xs" variant="default" onClick={assistant.again}>
          Try again
        </Button>
      )}
    </>
  );
}

function Candidates({ painting, assistant: { session, title, adapter } }: { painting: Painting; assistant: Assistant }) {
  useSession(session);
  const model = adapter === null ? title : `${title}, adapter ${adapter}`;
  if (!session.hasQuestion) {
    return (
      <Text size="xs" c="dimmed" role="status" aria-label="assistant" className="tool-hint" title={`${model} answers`}>
        Click an object, or drag a box around it; {model} answers.
      </Text>
    );
  }
  return (
    <Group gap={6} wrap="nowrap" role="group" aria-label="candidates" className="assistant-candidates">
      {session.candidates.map(({ score }, index) => (
        <Button
          key={index}
          size="compact-xs"
          variant={index === session.chosen ? "filled" : "default"}
          aria-pressed={index === session.chosen}
          aria-label={`candidate ${index + 1}, expected quality ${Math.round(100 * score)} %`}
          title="Tab shows the next one"
          onClick={() => session.choose(index)}
        >
          {Math.round(100 * score)} %
        </Button>
      ))}
      <Text size="xs" c="dimmed" role="status" aria-label="assistant" truncate title={`${model} answers`}>
        {session.isWaiting ? "looking" : session.candidate === null ? "nothing found: click elsewhere, or Esc" : ""}
      </Text>
      <Button size="compact-xs" disabled={session.isWaiting || session.candidate === null} title="Enter, or the key of a class" onClick={() => painting.acceptMask()}>
        Take it
      </Button>
      <Button size="compact-xs" variant="subtle" color="gray" title="Esc" onClick={() => session.drop()}>
        Drop
      </Button>
    </Group>
  );
}
