import { Button } from "@mantine/core";

import { Icon, type IconName } from "../../../components/icon";
import { KeyHint } from "../../../components/key-hint";
import { TOOLS } from "../engine/tool-settings";
import type { KeysOfPage } from "./keys/key-bindings";
import { TOOL_WORDS } from "./tool-words";
import type { Painting } from "./use-painting";

interface RailButtonProps {
  icon: IconName;
  name: string;
  hint: string;
  title: string;
  onClick: () => void;
  isPressed?: boolean;
  isDisabled?: boolean;
}

/** One button of the rail: a drawing, its name, its key. */
function RailButton({ icon, name, hint, title, onClick, isPressed, isDisabled = false }: RailButtonProps) {
  return (
    <Button
      size="compact-sm"
      fullWidth
      justify="flex-start"
      variant={isPressed === true ? "filled" : "subtle"}
      {...(isPressed !== true && { color: "gray" })}
      className="rail-button"
      leftSection={<Icon name={icon} size={17} />}
      rightSection={hint === "" ? null : <KeyHint keys={hint} />}
      aria-label={name}
      aria-pressed={isPressed}
      disabled={isDisabled}
      title={title}
      onClick={onClick}
    >
      {name}
    </Button>
  );
}

/** The tools, and undo and redo below them. */
export function ToolRail({ painting, keys }: { painting: Painting; keys: KeysOfPage }) {
  const { state, change, history } = painting;
  return (
    <div className="paint-rail" role="toolbar" aria-label="tools" aria-orientation="vertical">
      {TOOLS.map((tool) => (
        <RailButton
          key={tool}
          {...TOOL_WORDS[tool]}
          title={TOOL_WORDS[tool].does}
          hint={keys.hint(`tool.${tool}`)}
          isPressed={state.tool === tool}
          onClick={() => change({ type: "tool", tool })}
        />
      ))}
      <hr />
      <RailButton icon="undo" name="Undo" hint={keys.hint("history.undo")} title="Take the last step back." isDisabled={!history.canUndo} onClick={history.undo} />
      <RailButton icon="redo" name="Redo" hint={keys.hint("history.redo")} title="Do it again." isDisabled={!history.canRedo} onClick={history.redo} />
    </div>
  );
}
