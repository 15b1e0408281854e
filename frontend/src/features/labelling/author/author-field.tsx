import { Text, TextInput } from "@mantine/core";

import { usePerson } from "../../../api/session";

import { useAuthor } from "./use-author";

interface AuthorFieldProps {
  isFocused?: boolean;
  error?: string | null;
}

/** Asks for the name under which somebody labels; it is kept in this browser. */
export function AuthorField({ isFocused = false, error = null }: AuthorFieldProps) {
  const { typed, setAuthor } = useAuthor();
  const person = usePerson();
  if (person !== null) {
    return <Text size="sm">You answer as {person.name}.</Text>;
  }
  return (
    <TextInput
      label="Your name"
      description="Stands beside your answers; kept in this browser."
      value={typed}
      maxLength={100}
      required
      error={error}
      data-autofocus={isFocused || undefined}
      onChange={(event) => setAuthor(event.currentTarget.value)}
    />
  );
}
