import type { JsonDocument } from "../draft";
import type { Field } from "../schema-field";
import type { Section } from "../schema-form";
import { isAsListed, type Places, placesOf, type PublishedOrders, withoutDomain, writtenOrder } from "./domain-order";
import { readNamed } from "./named-datasets";

export const FIRST = "/stream/first";
export const FURTHER = "/stream/further";
export const ORDER = "/stream/order";
export const CUSTOM_ORDER = "/stream/custom_order";

/** Who is learned when in a stream of domains, and ways to change it. */
export interface WrittenOrder {
  /** The control that names published orders. */
  field: Field | undefined;
  /** Names of the domains as listed. */
  names: readonly string[];
  places: Places;
  published: PublishedOrders;
  /** The order by name; null where the document has one of its own. */
  chosen: string | null;
  onOrder: (name: string) => void;
  onPlaces: (places: Places) => void;
  /** An order other than the listed one follows a domain that was added to the list, or removed from it. */
  onAdded: (index: number) => void;
  onRemoved: (index: number) => void;
}

/** The order that a stream of domains says, for a form that changes it. */
export function writtenOrderOf(section: Section, stream: JsonDocument, onSet: (pointer: string, value: unknown) => void): WrittenOrder {
  const field = section.fields.find(({ pointer }) => pointer === ORDER);
  const listed = textOf(field?.published);
  const published = field?.optionPlaces ?? {};
  const first = stream.first ?? section.fields.find(({ pointer }) => pointer === FIRST)?.published;
  const names = [textOf(first), ...(readNamed(stream.further) ?? []).map(({ name }) => name)];
  const places = placesOf(stream, names.length, published);
  const write = (next: Places, count: number) => {
    const written = writtenOrder(next, count, listed);
    onSet(`/stream/${written.key}`, written.value);
  };
  const follow = (next: Places, count: number) => {
    if (!isAsListed(stream, listed)) {
      write(next, count);
    }
  };
  const hasOwn = Array.isArray(stream.custom_order) && stream.custom_order.length > 0;
  return {
    field,
    names,
    places,
    published,
    chosen: hasOwn ? null : textOf(stream.order ?? listed),
    onOrder: (name) => onSet(ORDER, name),
    onPlaces: (next) => write(next, names.length),
    onAdded: (index) => follow([...places, index + 1], names.length + 1),
    onRemoved: (index) => follow(withoutDomain(places, index + 1), names.length - 1),
  };
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
