import { fireEvent, screen } from "@testing-library/react";
import { expect, test, vi } from "vitest";

import { renderPage } from "../testing/render-page";
import { CopyableId } from "./copyable-id";

const open = () => renderPage(() => <CopyableId id="run-17" name="run's id" />, "/", "/");

test("the button copies the id and says so", async () => {
  const writeText = vi.fn(() => Promise.resolve());
  vi.stubGlobal("navigator", Object.assign(Object.create(navigator) as Navigator, { clipboard: { writeText } }));
  open();
  fireEvent.click(screen.getByLabelText("Copy the run's id"));
  expect(await screen.findByLabelText("Copied")).toBeTruthy();
  expect(writeText).toHaveBeenCalledWith("run-17");
});

test("a page without a clipboard marks the id, so that it can be copied by hand", async () => {
  open();
  fireEvent.click(screen.getByLabelText("Copy the run's id"));
  await expect.poll(() => getSelection()?.toString()).toBe("run-17");
});
