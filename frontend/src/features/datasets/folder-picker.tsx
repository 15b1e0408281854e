import { Code, Radio, ScrollArea, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";

import type { DatasetFolder } from "../../api/types";
import { EmptyState } from "../../components/empty-state";
import { QueryFace } from "../../components/query-face";
import { formatCount } from "../../lib/format";
import { rootsQuery } from "./dataset-queries";

interface FolderPickerProps {
  root: string | undefined;
  adapter: string | undefined;
  onChoose: (source: { adapter: string; root: string }, suggestedName: string) => void;
}

/** The folders below the allowed roots that an adapter recognises, with what it sees there. */
export function FolderPicker({ root, adapter, onChoose }: FolderPickerProps) {
  const roots = useQuery(rootsQuery());
  return (
    <QueryFace query={roots} height={120}>
      {({ items }) => {
        const folders = items.flatMap((each) => each.folders);
        const chosen = folders.findIndex((folder) => folder.path === root && folder.adapter === adapter);
        const choose = (place: string) => {
          const folder = folders[Number(place)];
          if (folder !== undefined) {
            onChoose({ adapter: folder.adapter, root: folder.path }, lastPart(folder.path));
          }
        };
        return folders.length === 0 ? (
          <NoFolder roots={items.map((each) => each.path)} />
        ) : (
          <Radio.Group label="Folder" value={String(chosen)} onChange={choose}>
            <ScrollArea.Autosize mah={260} type="auto">
              <Stack gap="xs" py="xs">
                {folders.map((folder, place) => (
                  <FolderChoice key={`${folder.path} ${folder.adapter}`} folder={folder} value={String(place)} />
                ))}
              </Stack>
            </ScrollArea.Autosize>
            <Text size="xs" c="dimmed">
              Searched in {items.map((each) => each.path).join(", ")}. Set PALIMPSEST_DATA_ROOTS to search other folders.
            </Text>
          </Radio.Group>
        );
      }}
    </QueryFace>
  );
}

function FolderChoice({ folder, value }: { folder: DatasetFolder; value: string }) {
  const splits = folder.splits.map((split) => `${split.name} ${formatCount(split.images, "image")}`);
  return (
    <Radio.Card value={value} p="xs" radius="sm">
      <Radio.Indicator style={{ float: "left", marginRight: 10 }} />
      <Text size="sm" fw={600} className="break-words">
        {folder.path}
      </Text>
      <Text size="xs" c="dimmed">
        {[`layout ${folder.adapter}`, formatCount(folder.num_classes, "class", "classes"), ...splits].join(", ")}
      </Text>
    </Radio.Card>
  );
}

function NoFolder({ roots }: { roots: readonly string[] }) {
  return (
    <EmptyState title="No dataset found in the allowed folders"> The service searches{" "}
      {roots.map((root) => (
        <Code key={root} className="break-words">
          {root}
        </Code>
      ))}
      , two levels deep, for a folder layout that it knows. Put a dataset there, or set PALIMPSEST_DATA_ROOTS to your folder and
      restart the service. A built-in world needs no folder.
    </EmptyState>
  );
}

function lastPart(path: string): string {
  return path.split("/").filter(Boolean).at(-1) ?? path;
}
