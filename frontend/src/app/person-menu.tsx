import { Button, Menu } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { Link } from "react-router";

import { api, unwrap } from "../api/client";
import { usePerson } from "../api/session";
import { tellFailure } from "../components/tell-failure";
import { at } from "../lib/place";

/** Who has signed in, and the way out; nothing without accounts. */
export function PersonMenu() {
  const person = usePerson();
  const signOut = useMutation({
    mutationFn: () => unwrap(api.DELETE("/api/v1/sessions/current")),
    // Loaded anew, so that nothing of what the page has is left for the next person.
    onSuccess: () => globalThis.location.assign(at("/")),
    onError: (error) => tellFailure("You are still signed in", error.message),
  });
  if (person === null) {
    return null;
  }
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button variant="subtle" size="sm" maw={180} aria-label={`signed in as ${person.name}`}>
          <span className="cut">{person.name}</span>
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{person.role}</Menu.Label>
        <Menu.Item component={Link} to="/account">
          Account and tokens
        </Menu.Item>
        {person.role === "admin" && (
          <Menu.Item component={Link} to="/users">
            Users
          </Menu.Item>
        )}
        <Menu.Item onClick={() => signOut.mutate()}>Sign out</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
