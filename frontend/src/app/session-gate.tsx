import { Modal, Text } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useEffect, useState } from "react";

import { NOBODY_SIGNED_IN } from "../api/client";
import { sessionQuery, type SignedIn } from "../api/session";
import { Problem } from "../components/problem";
import { SignInForm } from "../features/sign-in/sign-in-form";
import { SignInPage } from "../features/sign-in/sign-in-page";
import { hasAccounts } from "../lib/place";
import { PageSkeleton } from "./page-skeleton";

/** Shows what is inside to people who have signed in; without accounts to everybody. */
export function SessionGate({ children }: { children: ReactNode }) {
  return hasAccounts() ? <Gate>{children}</Gate> : children;
}

function Gate({ children }: { children: ReactNode }) {
  const client = useQueryClient();
  const session = useQuery(sessionQuery());
  const user = session.data?.user ?? null;
  const [first, setFirst] = useState<SignedIn | null>(null);
  if (user !== null && first === null) {
    setFirst(user);
  }
  useEffect(() => {
    const ask = () => void client.invalidateQueries({ queryKey: sessionQuery().queryKey });
    globalThis.addEventListener(NOBODY_SIGNED_IN, ask);
    return () => globalThis.removeEventListener(NOBODY_SIGNED_IN, ask);
  }, [client]);
  if (session.error !== null && session.data === undefined) {
    return <Problem error={session.error} onRetry={() => void session.refetch()} />;
  }
  if (session.data === undefined) {
    return <PageSkeleton />;
  }
  if (first === null) {
    return <SignInPage />;
  }
  return (
    <>
      {children}
      <SignInAgain isOpen={user === null} before={first} />
    </>
  );
}

/** Asks anew over a page whose session has ended: what somebody works on stays there. */
function SignInAgain({ isOpen, before }: { isOpen: boolean; before: SignedIn }) {
  const client = useQueryClient();
  return (
    <Modal opened={isOpen} onClose={() => undefined} withCloseButton={false} title="Sign in again">
      <Text size="sm" mb="sm">
        You were signed out, {before.name}. Sign in to continue where you were; this page keeps your work.
      </Text>
      <SignInForm
        onDone={(state) => {
          if (state.user?.id === before.id) {
            void client.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== "session" });
          } else {
            // Somebody else must see nothing of what the page has.
            globalThis.location.reload();
          }
        }}
      />
    </Modal>
  );
}
