import { fireEvent, screen } from "@testing-library/react";
import { expect, test } from "vitest";

import { renderPage } from "../testing/render-page";
import { useAddressed, withValues } from "./address";

test("values are set, taken away or left as they are", () => {
  const now = new URLSearchParams("tab=log&class=3&page=2");
  expect(withValues(now, { class: 4, page: null, tab: undefined }).toString()).toBe("tab=log&class=4");
  expect(now.toString()).toBe("tab=log&class=3&page=2");
});

const SHADES = ["value", "loss"] as const;

function Shade() {
  const [shade, setShade] = useAddressed("shade", "value", SHADES);
  return (
    <>
      <p>{shade}</p>
      {SHADES.map((one) => (
        <button key={one} onClick={() => setShade(one)}>
          to {one}
        </button>
      ))}
    </>
  );
}

test("a value that the page does not know shows the fallback, which is not written down", () => {
  const page = renderPage(Shade, "/", "/?shade=mauve&tab=log");
  expect(screen.getByText("value")).toBeTruthy();
  fireEvent.click(screen.getByText("to loss"));
  expect(screen.getByText("loss")).toBeTruthy();
  expect(page.address()).toBe("/?shade=loss&tab=log");
  fireEvent.click(screen.getByText("to value"));
  expect(page.address()).toBe("/?tab=log");
});
