import {
  ActionIcon,
  Anchor,
  AppShell,
  Button,
  Group,
  Text,
  Tooltip,
  useComputedColorScheme,
  useMantineColorScheme,
} from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { Suspense } from "react";
import { Link, NavLink, Outlet, useLocation, useMatch, useNavigate } from "react-router";

import { useMayResearch } from "../api/session";
import { Icon, type IconName } from "../components/icon";
import { KeyHint } from "../components/key-hint";
import { useKeys } from "../lib/keys";
import { HelpDialog } from "./help-dialog";
import { NotFoundPage } from "./error-page";
import { PersonMenu } from "./person-menu";
import { SessionGate } from "./session-gate";
import { WaitingCount } from "./waiting-count";

const PAGES: readonly { to: string; title: string; keys: string; icon: IconName }[] = [
  { to: "/runs", title: "Runs", keys: "r", icon: "runs" },
  { to: "/launch", title: "Launch", keys: "n", icon: "launch" },
  { to: "/labelling", title: "Labelling", keys: "q", icon: "labelling" },
  { to: "/datasets", title: "Datasets", keys: "d", icon: "datasets" },
  { to: "/workers", title: "Workers", keys: "shift+w", icon: "workers" },
];

/** What annotators have; every other page does not exist for them. */
const OF_ANNOTATORS = /^\/(labelling|account|$)/;

/** The frame around every page, for whoever has signed in. */
export function Layout() {
  return (
    <SessionGate>
      <Frame />
    </SessionGate>
  );
}

/** Name, navigation, look, keys. */
function Frame() {
  const mayResearch = useMayResearch();
  const pages = PAGES.filter((page) => mayResearch || OF_ANNOTATORS.test(page.to));
  const isThere = OF_ANNOTATORS.test(useLocation().pathname) || mayResearch;
  const navigate = useNavigate();
  const { setColorScheme } = useMantineColorScheme();
  const scheme = useComputedColorScheme("light");
  const [isHelpOpen, help] = useDisclosure();
  // Where queries are labelled, N leases the next one; where one is painted, all letters are tools, and the keys have a sheet of their own.
  const taken = useMatch("/labelling/:stageId") === null ? null : "n";
  const isPainting = useMatch("/labelling/:stageId/paint/*") !== null;
  const toggleScheme = () => setColorScheme(scheme === "light" ? "dark" : "light");
  useKeys(Object.fromEntries(pages.filter((page) => !isPainting && page.keys !== taken).map((page) => [page.keys, () => void navigate(page.to)])));
  useKeys({ "shift+d": toggleScheme, ...(!isPainting && { "?": help.toggle }) }, "dialog");
  return (
    <AppShell header={{ height: 52 }} padding="md">
      <AppShell.Header>
        <Group h="100%" px="md" gap="xs" justify="space-between" wrap="nowrap" className="page-header">
          <Group gap="lg" wrap="nowrap">
            <Anchor component={Link} to="/" c="inherit" underline="never">
              <Text fw={700} fz="lg" span>
                Palimpsest
              </Text>
            </Anchor>
            <Group component="nav" gap={4} wrap="nowrap" aria-label="pages">
              {pages.map((page) => (
                <NavLink key={page.to} to={page.to} style={{ textDecoration: "none" }} end={page.to === "/launch"}>
                  {({ isActive }) => (
                    <Button
                      component="span"
                      size="sm"
                      variant={isActive ? "light" : "subtle"}
                      leftSection={<Icon name={page.icon} />}
                    >
                      {page.title}
                      {page.to === "/labelling" && <WaitingCount />}
                      {page.keys !== taken && <KeyHint keys={page.keys.toUpperCase().replace("SHIFT+", "⇧")} />}
                    </Button>
                  )}
                </NavLink>
              ))}
            </Group>
          </Group>
          <Group gap={6} wrap="nowrap">
            <PersonMenu />
            <Tooltip label={`${scheme === "light" ? "Dark" : "Light"} colours (Shift D)`}>
              <ActionIcon variant="subtle" size="lg" aria-label="switch between light and dark colours" onClick={toggleScheme}>
                <Icon name={scheme === "light" ? "dark" : "light"} />
              </ActionIcon>
            </Tooltip>
            <Tooltip label="Keys and help (?)">
              <ActionIcon variant="subtle" size="lg" aria-label="keys and help" onClick={help.open}>
                <Icon name="help" />
              </ActionIcon>
            </Tooltip>
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Main>
        <Suspense>{isThere ? <Outlet /> : <NotFoundPage />}</Suspense>
      </AppShell.Main>
      <HelpDialog isOpen={isHelpOpen} onClose={help.close} />
    </AppShell>
  );
}
