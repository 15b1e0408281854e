import { Button, Group } from "@mantine/core";

import { AuthorField } from "../author/author-field";
import { Problem } from "../../../components/problem";
import { useAuthor } from "../author/use-author";

interface DialogFootProps {
  /** What the button says that does it. */
  label: string;
  isReady: boolean;
  isPending: boolean;
  error: Error | null;
  onClose: () => void;
}

/** Who does something to a round, why it was refused, and the two ways out of the dialog. */
export function DialogFoot({ label, isReady, isPending, error, onClose }: DialogFootProps) {
  const { author } = useAuthor();
  return (
    <>
      <AuthorField isFocused={author === ""} />
      {error && <Problem error={error} />}
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose}>
          Leave it as it is
        </Button>
        <Button type="submit" disabled={!isReady} loading={isPending}>
          {label}
        </Button>
      </Group>
    </>
  );
}
