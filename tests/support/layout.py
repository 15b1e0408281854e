"""What a reader cannot see of a page: text that is cut without a way to read it, and what sticks out of its place."""

from __future__ import annotations

from collections.abc import Sequence

from playwright.sync_api import Page

_FIND_LOST = """
allowed => {
  const lost = [];
  const tag = element => element.tagName.toLowerCase();
  const name = element => `${tag(element)}.${element.className || ''} "${element.innerText.slice(0, 60)}"`;
  const isShown = element => element.checkVisibility({visibilityProperty: true, opacityProperty: true}) &&
    !element.closest('.only-read, [aria-hidden=true]');
  const ownText = element => [...element.childNodes].some(node => node.nodeType === 3 && node.data.trim() !== '');
  for (const element of document.querySelectorAll('main *')) {
    if (!(element instanceof HTMLElement) || !isShown(element)) {
      continue;
    }
    const style = getComputedStyle(element);
    const hides = axis => ['hidden', 'clip'].includes(style[`overflow${axis}`]);
    const scrolls = ['auto', 'scroll'].includes(style.overflowY);
    if (scrolls && element.scrollHeight > element.clientHeight + 1 && !element.closest(allowed)) {
      lost.push(`scrolls within the page: ${name(element)}`);
    }
    if (!ownText(element) || element.closest('textarea, select')) {
      continue;
    }
    const isCut = hides('X') && element.scrollWidth > element.clientWidth + 1;
    if (isCut && !(style.textOverflow === 'ellipsis' && element.closest('[title]'))) {
      lost.push(`cut: ${name(element)}`);
    }
    const range = document.createRange();
    range.selectNodeContents(element);
    const text = range.getBoundingClientRect();
    for (let box = element.parentElement; !isCut && box !== null && box.tagName !== 'MAIN'; box = box.parentElement) {
      const edge = box.getBoundingClientRect();
      const isClipped = ['hidden', 'clip'].includes(getComputedStyle(box).overflowX);
      const isCell = ['TD', 'TH', 'LI'].includes(box.tagName) || box.classList.contains('state-badge');
      const isEllipsis = getComputedStyle(box).textOverflow === 'ellipsis' && box.closest('[title]') !== null;
      if (isEllipsis) {
        break;
      }
      if ((isClipped || isCell) && (text.right > edge.right + 1 || text.left < edge.left - 1)) {
        lost.push(`sticks out of ${tag(box)}: ${name(element)}`);
        break;
      }
    }
  }
  for (const control of document.querySelectorAll('main a, main button, main input')) {
    const box = control.getBoundingClientRect();
    if (isShown(control) && box.width > 0 && (box.right > innerWidth + 1 || box.left < -1)) {
      lost.push(`out of the window: ${control.getAttribute('aria-label') ?? control.textContent}`);
    }
  }
  return lost;
}
"""

SCROLLED = ".run-table, .log-box, .memory-box, pre, code, textarea"
"""What has a scroll bar of its own: lists without end, and text that is quoted."""


def lost_text(page: Page) -> Sequence[str]:
    """Name every text that cannot be read whole, every control out of reach, and every scroll bar inside the page."""
    found: list[str] = page.evaluate(_FIND_LOST, SCROLLED)
    return found
