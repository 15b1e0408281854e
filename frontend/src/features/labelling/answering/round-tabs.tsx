import { Tabs } from "@mantine/core";
import type { ReactNode } from "react";

import { useMayResearch } from "../../../api/session";
import type { StageDetail } from "../../../api/types";
import { useAddressed } from "../../../lib/address";
import { CommentsTab } from "../comments/comments-tab";
import { ExchangePanel } from "../exchange/exchange-panel";
import { InstructionsTab } from "../instructions/instructions-tab";
import { PeopleTab } from "../review/people-tab";

const TABS = ["queries", "instructions", "comments", "people", "exchange"] as const;
type Tab = (typeof TABS)[number];

interface RoundTabsProps {
  stage: StageDetail;
  /** Where queries are answered. */
  children: ReactNode;
}

/** The queries of a round, and beside them what belongs to the round as a whole. */
export function RoundTabs({ stage, children }: RoundTabsProps) {
  const mayResearch = useMayResearch();
  const [tab, show] = useAddressed("tab", "queries", TABS);
  return (
    <Tabs value={tab} onChange={(chosen) => show((chosen ?? "queries") as Tab)} keepMounted={false}>
      <Tabs.List mb="md">
        <Tabs.Tab value="queries">Queries</Tabs.Tab>
        <Tabs.Tab value="instructions">Instructions</Tabs.Tab>
        <Tabs.Tab value="comments">Comments</Tabs.Tab>
        {mayResearch && <Tabs.Tab value="people">People and agreement</Tabs.Tab>}
        {mayResearch && <Tabs.Tab value="exchange">Export and import</Tabs.Tab>}
      </Tabs.List>
      <Tabs.Panel value="queries">{children}</Tabs.Panel>
      <Tabs.Panel value="instructions">
        <InstructionsTab stage={stage} />
      </Tabs.Panel>
      <Tabs.Panel value="comments">
        <CommentsTab stageId={stage.id} />
      </Tabs.Panel>
      {mayResearch && (
        <>
          <Tabs.Panel value="people">
            <PeopleTab stageId={stage.id} />
          </Tabs.Panel>
          <Tabs.Panel value="exchange">
            <ExchangePanel stage={stage} />
          </Tabs.Panel>
        </>
      )}
    </Tabs>
  );
}
