import { expect, test } from "vitest";

import { isAsListed, moved, notLearned, placesOf, withoutDomain, writtenOrder } from "./domain-order";

const PUBLISHED = { back: [2, 1, 0] };

test("an order of its own goes before a published one, and a published one needs as many domains", () => {
  expect(placesOf({ order: "back" }, 3, PUBLISHED)).toEqual([2, 1, 0]);
  expect(placesOf({ order: "back" }, 4, PUBLISHED)).toEqual([0, 1, 2, 3]);
  expect(placesOf({ order: "listed", custom_order: [1, 0] }, 3, PUBLISHED)).toEqual([1, 0]);
  expect(placesOf({ custom_order: [] }, 2, PUBLISHED)).toEqual([0, 1]);
});

test("a domain that moves changes places with its neighbour, and stays at the ends", () => {
  expect(moved([0, 1, 2], 2, -1)).toEqual([0, 2, 1]);
  expect(moved([0, 1, 2], 0, 1)).toEqual([1, 0, 2]);
  expect(moved([0, 1, 2], 0, -1)).toEqual([0, 1, 2]);
  expect(moved([0, 1, 2], 2, 1)).toEqual([0, 1, 2]);
});

test("the listed order is written by its name, any other by its places", () => {
  expect(writtenOrder([0, 1], 2, "listed")).toEqual({ key: "order", value: "listed" });
  expect(writtenOrder([1, 0], 2, "listed")).toEqual({ key: "custom_order", value: [1, 0] });
  expect(writtenOrder([0, 1], 3, "listed")).toEqual({ key: "custom_order", value: [0, 1] });
});

test("an order keeps its domains when one leaves the list", () => {
  expect(withoutDomain([3, 1, 0, 2], 1)).toEqual([2, 0, 1]);
  expect(notLearned([2, 0], 3)).toEqual([1]);
});

test("without an order of its own, and with no published one, domains are learned as listed", () => {
  expect(isAsListed({}, "listed")).toBe(true);
  expect(isAsListed({ order: "listed", custom_order: [] }, "listed")).toBe(true);
  expect(isAsListed({ order: "back" }, "listed")).toBe(false);
  expect(isAsListed({ custom_order: [0] }, "listed")).toBe(false);
});
