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
          Role: {person.role}. Your name is shown beside your answers and in the history of your changes.
        </Text>
      </div>
      <TokenPanel role={person.role} />
      <Panel title="Password" hint="At least 10 characters, for example three words. Changing it signs you out everywhere else.">
        <PasswordForm hasPassword={person.has_password} />
      </Panel>
      <Panel title="Sessions" hint="You are signed out after 12 hours without activity, and after 7 days at the latest.">
        <SignOutEverywhere />
      </Panel>
    </Stack>
  );
}
