import { Button, Checkbox, Group, NumberInput, Stack, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";

import type { SignedIn } from "../../api/session";
import { Problem } from "../../components/problem";
import { createToken, type Scope, scopesOf } from "./tokens-queries";

const DAYS = 90;
const MOST_DAYS = 3650;

interface TokenFormProps {
  role: SignedIn["role"];
  onMade: (secret: string) => void;
}

/** Makes a token. */
export function TokenForm({ role, onMade }: TokenFormProps) {
  const [name, setName] = useState("");
  const [scopes, setScopes] = useState<Scope[]>(["read"]);
  const [days, setDays] = useState<number | string>(DAYS);
  const make = useMutation({
    mutationFn: () => createToken({ name, scopes, days: Number(days) }),
    onSuccess: ({ secret }) => {
      setName("");
      onMade(secret);
    },
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        make.mutate();
      }}
    >
      <Stack gap="sm">
        <Group align="flex-end">
          <TextInput
            label="Name, such as the script that uses it"
            required
            maxLength={100}
            autoComplete="off"
            w={300}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <NumberInput label="Expires after (days)" required min={1} max={MOST_DAYS} allowDecimal={false} w={170} value={days} onChange={setDays} />
        </Group>
        <Checkbox.Group label="Allows" value={scopes} onChange={(chosen) => setScopes(chosen)}>
          <Group mt={4}>
            {scopesOf(role).map((scope) => (
              <Checkbox key={scope} value={scope} label={scope} />
            ))}
          </Group>
        </Checkbox.Group>
        {make.error !== null && <Problem error={make.error} />}
        <Group>
          <Button type="submit" loading={make.isPending} disabled={scopes.length === 0}>
            Create token
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
