import { Stack, Text, Title } from "@mantine/core";

import { usePerson } from "../../api/session";
import { Panel } from "../../components/panel";
import { useTitle } from "../../lib/use-title";
import { PasswordForm } from "./password-form";
import { SignOutEverywhere } from "./sign-out-everywhere";
import { TokenPanel } from "./token-panel";

/** One's own account: password, sessions, tokens. */
export function AccountPage() {
  useTitle("Account");
  const person = usePerson();
  if (person === null) {
    return null;
  }
  return (
    <Stack gap="md">
      <div>
        <Title order={1} size="h3" className="break-words">
          {person.name}
        </Title>
        <Text size="sm" c="dimmed">
          {person.role}; this name stands beside your answers and in the history of what you change
        </Text>
      </div>
      <TokenPanel role={person.role} />
      <Panel title="Password" hint="At least 10 characters, such as three words. All your other sessions end.">
        <PasswordForm hasPassword={person.has_password} />
      </Panel>
      <Panel title="Sessions" hint="A session ends after 12 hours without use, and after 7 days.">
        <SignOutEverywhere />
      </Panel>
    </Stack>
  );
}
