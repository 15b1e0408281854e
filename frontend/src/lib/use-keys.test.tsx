import { Modal } from "@mantine/core";
import { fireEvent, screen } from "@testing-library/react";
import { expect, test, vi } from "vitest";

import { renderPage } from "../testing/render-page";
import { useKeys } from "./keys";

const pressed = vi.fn<(name: string) => void>();

function Page({ hasDialog = false }: { hasDialog?: boolean }) {
  useKeys({ a: () => pressed("page"), Enter: () => pressed("page Enter") });
  useKeys({ b: () => pressed("dialog"), ArrowLeft: () => pressed("dialog left") }, "dialog");
  useKeys({ "mod+Enter": () => pressed("always") }, "always");
  return (
    <>
      <input aria-label="name" />
      <input type="checkbox" aria-label="box" />
      <button type="button">button</button>
      <div role="slider" aria-valuenow={0} aria-label="slider" tabIndex={0} />
      <Modal opened={hasDialog} onClose={() => undefined} title="a dialog" transitionProps={{ duration: 0 }}>
        inside
      </Modal>
    </>
  );
}

function press(target: Element, ...keys: { key: string; code?: string; ctrlKey?: boolean }[]): string[] {
  pressed.mockClear();
  keys.forEach((key) => fireEvent.keyDown(target, key));
  return pressed.mock.calls.map(([name]) => name);
}

test("keys act on the page and on its boxes, and with another layout", () => {
  renderPage(() => <Page />, "/", "/");
  expect(press(document.body, { key: "a" }, { key: "Ф", code: "KeyA" }, { key: "b" })).toEqual(["page", "page", "dialog"]);
  expect(press(screen.getByLabelText("box"), { key: "a" })).toEqual(["page"]);
  expect(press(document.body, { key: "a", ctrlKey: true })).toEqual([]);
});

test("a key that a field or the focused control takes does nothing else", () => {
  renderPage(() => <Page />, "/", "/");
  const all = [{ key: "a" }, { key: "b" }, { key: "ArrowLeft" }, { key: "Enter" }];
  expect(press(screen.getByLabelText("name"), ...all)).toEqual([]);
  expect(press(screen.getByText("button"), { key: "Enter" }, { key: "a" })).toEqual(["page"]);
  expect(press(screen.getByLabelText("slider"), { key: "ArrowLeft" }, { key: "a" })).toEqual(["page"]);
  expect(press(screen.getByLabelText("name"), { key: "Enter", ctrlKey: true })).toEqual(["always"]);
});

test("while a dialog is open the keys of the page behind it rest", async () => {
  renderPage(() => <Page hasDialog />, "/", "/");
  await screen.findByText("inside");
  expect(press(document.body, { key: "a" }, { key: "b" }, { key: "ArrowLeft" })).toEqual(["dialog", "dialog left"]);
});
