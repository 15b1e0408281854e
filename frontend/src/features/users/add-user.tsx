import { Button, Group, NativeSelect, Stack, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";

import { Problem } from "../../components/problem";
import { createUser, type Role, ROLES, type UserSummary } from "./users-queries";

/** Makes an account without a password. */
export function AddUser({ onMade }: { onMade: (user: UserSummary) => void }) {
  const [name, setName] = useState("");
  const [role, setRole] = useState<Role>("annotator");
  const add = useMutation({
    mutationFn: () => createUser({ name, role }),
    onSuccess: (user) => {
      setName("");
      onMade(user);
    },
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        add.mutate();
      }}
    >
      <Stack gap="sm">
        <Group align="flex-end">
          <TextInput label="Name" required maxLength={64} value={name} autoComplete="off" onChange={(event) => setName(event.currentTarget.value)} />
          <NativeSelect label="Role" data={ROLES} value={role} onChange={(event) => setRole(event.currentTarget.value as Role)} />
          <Button type="submit" loading={add.isPending}>
            Add
          </Button>
        </Group>
        {add.error !== null && <Problem error={add.error} />}
      </Stack>
    </form>
  );
}
