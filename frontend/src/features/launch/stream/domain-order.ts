import type { JsonDocument } from "../draft";

/** Places in the list of domains, in the order in which they are learned; the first of the list is 0. */
export type Places = readonly number[];

/** The published orders by name. */
export type PublishedOrders = Readonly<Record<string, Places>>;

/** What a document says about the order: the name of a published one, or places of its own. */
export type OrderSetting = { key: "order"; value: string } | { key: "custom_order"; value: Places };

/** Whether the domains are learned as they are listed, which needs no change when the list grows. */
export function isAsListed(stream: JsonDocument, listed: string): boolean {
  const custom = stream.custom_order;
  return !(Array.isArray(custom) && custom.length > 0) && (stream.order ?? listed) === listed;
}

/** Who is learned when: the document's own order, else the published one that fits so many domains, else as listed. */
export function placesOf(stream: JsonDocument, count: number, published: PublishedOrders): Places {
  const custom: unknown = stream.custom_order;
  if (Array.isArray(custom) && custom.length > 0) {
    return custom.filter((place) => typeof place === "number");
  }
  const named = typeof stream.order === "string" ? published[stream.order] : undefined;
  return named?.length === count ? named : identity(count);
}

/** How a document says an order; `listed` is the name of the order as listed. */
export function writtenOrder(places: Places, count: number, listed: string): OrderSetting {
  const isListed = places.length === 0 || (places.length === count && places.every((place, at) => place === at));
  return isListed ? { key: "order", value: listed } : { key: "custom_order", value: places };
}

/** The order with one domain a place earlier (-1) or later (1). */
export function moved(places: Places, at: number, by: 1 | -1): Places {
  const [one, other] = [places[at], places[at + by]];
  return one === undefined || other === undefined ? places : places.with(at, other).with(at + by, one);
}

/** The order once a domain is gone from the list. */
export function withoutDomain(places: Places, place: number): Places {
  return places.filter((other) => other !== place).map((other) => (other > place ? other - 1 : other));
}

/** Domains of the list that are never learned. */
export function notLearned(places: Places, count: number): number[] {
  return identity(count).filter((place) => !places.includes(place));
}

function identity(count: number): number[] {
  return Array.from({ length: count }, (_, place) => place);
}
