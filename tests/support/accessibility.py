"""Whether everybody can read and reach a page: axe-core's rules for WCAG 2.1 AA, and the contrast of placeholders."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from playwright.sync_api import Page

from tests.support.requirement import require

AXE = Path(__file__).resolve().parents[2] / "frontend" / "node_modules" / "axe-core" / "axe.min.js"

_RUN = """
async () => {
  const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'];
  // Still an experiment of axe's: a tile is named after its picture, not after the numbers below it.
  const rules = {'label-content-name-mismatch': {enabled: false}};
  const found = await axe.run(document, {runOnly: tags, rules, resultTypes: ['violations']});
  return found.violations.flatMap(({id, nodes}) => nodes.map(({html, any, all, none}) => {
    const reasons = [...any, ...all, ...none].map(({message}) => message).join('; ');
    return `${id}: ${html.slice(0, 160)} (${reasons})`;
  }));
}
"""

_PLACEHOLDERS = """
least => {
  const linear = value => value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  const luminance = ([red, green, blue]) =>
    0.2126 * linear(red / 255) + 0.7152 * linear(green / 255) + 0.0722 * linear(blue / 255);
  const numbers = colour => colour.match(/[\\d.]+/g).map(Number);
  const groundOf = element => {
    const ground = numbers(getComputedStyle(element).backgroundColor);
    return ground.length < 4 || ground[3] === 1 ? ground : groundOf(element.parentElement);
  };
  return [...document.querySelectorAll('[placeholder]')]
    .filter(field => field.placeholder !== '' && field.checkVisibility())
    .map(field => {
      const style = getComputedStyle(field, '::placeholder');
      const ground = groundOf(field);
      const mixed = (part, at) => part * style.opacity + ground[at] * (1 - style.opacity);
      const shown = numbers(style.color).slice(0, 3).map(mixed);
      const [dark, light] = [luminance(shown), luminance(ground)].sort((one, other) => one - other);
      return {text: field.placeholder, contrast: (light + 0.05) / (dark + 0.05)};
    })
    .filter(({contrast}) => contrast < least)
    .map(({text, contrast}) => `placeholder "${text}" (${contrast.toFixed(2)} : 1)`);
}
"""

LEAST_CONTRAST = 4.5


@cache
def _axe() -> str:
    require(None if AXE.is_file() else f"{AXE} is missing; run make setup")
    return AXE.read_text(encoding="utf-8")


def unreadable(page: Page) -> Sequence[str]:
    """Name what breaks a rule of WCAG 2.1 AA on a page as it is now, and placeholders that are too faint."""
    # Evaluated, not added as a script: the service's content policy refuses scripts that are not its own.
    page.evaluate(_axe())
    found: list[str] = page.evaluate(_RUN)
    faint: list[str] = page.evaluate(_PLACEHOLDERS, LEAST_CONTRAST)
    return [*found, *faint]
