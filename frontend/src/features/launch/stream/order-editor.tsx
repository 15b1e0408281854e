import { ActionIcon, Button, Group, Select, Stack, Text } from "@mantine/core";

import { Icon, type IconName } from "../../../components/icon";
import type { Remark } from "../launch-faults";
import { FaultList } from "../section-remarks";
import { moved, notLearned } from "./domain-order";
import { ORDER, type WrittenOrder } from "./written-order";

/** The choice that stands for an order of one's own. */
const OWN = "";

interface OrderEditorProps {
  order: WrittenOrder;
  faults: readonly Remark[];
}

/** The order in which domains are learned: a published one, or moved by hand. */
export function OrderEditor({ order, faults }: OrderEditorProps) {
  const { field, names, places, published, chosen, onOrder, onPlaces } = order;
  const fits = (name: string) => published[name] === undefined || published[name].length === names.length || name === chosen;
  const options = (field?.options ?? []).map(String).filter(fits);
  const data = options.map((name) => ({ value: name, label: field?.optionLabels[name] ?? name }));
  const free = notLearned(places, names.length);
  return (
    <Stack gap={6} data-pointer={ORDER} tabIndex={-1}>
      <Select
        label="Order of learning"
        data={chosen === null ? [{ value: OWN, label: "own order" }, ...data] : data}
        value={chosen ?? OWN}
        onChange={(name) => name !== null && name !== OWN && onOrder(name)}
        allowDeselect={false}
        maw={320}
      />
      <FaultList faults={faults} />
      <ol className="domain-order" aria-label="domains in the order of learning">
        {places.map((place, at) => (
          <PlaceRow
            key={place}
            name={names[place] ?? `domain ${place}, which is not in the list`}
            onEarlier={at > 0 ? () => onPlaces(moved(places, at, -1)) : null}
            onLater={at < places.length - 1 ? () => onPlaces(moved(places, at, 1)) : null}
            onLeave={places.length > 1 ? () => onPlaces(places.toSpliced(at, 1)) : null}
          />
        ))}
      </ol>
      {free.length > 0 && (
        <Group gap="xs">
          <Text size="xs" c="dimmed">
            Listed but not learned:
          </Text>
          {free.map((place) => (
            <Button key={place} size="compact-xs" variant="default" onClick={() => onPlaces([...places, place])}>
              Learn {names[place]}
            </Button>
          ))}
        </Group>
      )}
    </Stack>
  );
}

interface PlaceRowProps {
  name: string;
  /** Null where there is no such move. */
  onEarlier: (() => void) | null;
  onLater: (() => void) | null;
  onLeave: (() => void) | null;
}

function PlaceRow({ name, onEarlier, onLater, onLeave }: PlaceRowProps) {
  return (
    <li>
      <Group gap="xs" wrap="nowrap">
        <Text size="sm" className="break-words" style={{ flex: 1 }}>
          {name}
        </Text>
        <PlaceButton icon="up" label={`Learn ${name} earlier`} onPress={onEarlier} />
        <PlaceButton icon="down" label={`Learn ${name} later`} onPress={onLater} />
        <PlaceButton icon="cancel" label={`Do not learn ${name}`} onPress={onLeave} />
      </Group>
    </li>
  );
}

function PlaceButton({ icon, label, onPress }: { icon: IconName; label: string; onPress: (() => void) | null }) {
  return (
    <ActionIcon size="sm" variant="subtle" color="gray" aria-label={label} title={label} disabled={onPress === null} onClick={() => onPress?.()}>
      <Icon name={icon} size={12} />
    </ActionIcon>
  );
}
