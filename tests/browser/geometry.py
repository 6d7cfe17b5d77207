"""What is read from the right is the mirror of what is read from the left: measured part by part, in pixels."""

from __future__ import annotations

from typing import Any, Final

from playwright.sync_api import Page

TOLERANCE: Final = 1.5
WIDTHS: Final = (320, 1024)
# Of these both edges, of the others the edge that their line begins or ends at: what lies between depends on the words.
_WHOLE: Final = (
    "header, main, footer, .card, .now, .columns > .side, .offer, .item, .desk-part, .queue, dialog, .viewer, .stage,"
    " .pane, main textarea, .facts dt, .facts dd, .figures > li, .ages > li, .next"
)
_STARTS: Final = (
    ".brand, h1, h2, h3, h4, .now > :not(.badge), .choice input, .thread .theirs, .row-title, .items li > :first-child,"
    " .queue th:first-child, .queue td:first-child, form:not(.search) > .button, .said, .history time, .checklist li"
)
_ENDS: Final = (
    ".close, .row > .amount, .items li > :last-child:not(:first-child), .thread .mine, .queue td:last-child"
)
_MEASURE: Final = """([whole, starts, ends]) => {
  const root = document.querySelector('buyer-protection-case')?.shadowRoot ?? document;
  const wide = document.documentElement.clientWidth;
  const isTurned = document.documentElement.dir === 'rtl';
  const found = [];
  for (const [kind, selector] of [['whole', whole], ['start', starts], ['end', ends]]) {
    for (const it of root.querySelectorAll(selector)) {
      const box = it.getBoundingClientRect();
      if (!it.checkVisibility() || box.width < 2) continue;
      const [start, end] = isTurned ? [wide - box.right, box.left] : [box.left, wide - box.right];
      const name = `${kind} ${it.tagName.toLowerCase()}.${it.className}`;
      found.push([name, kind === 'end' ? null : start, kind === 'start' ? null : end]);
    }
  }
  return found;
}"""
# Letters that lead from left to right, where nothing keeps them apart from the sentence around: ids, amounts, names.
_LOOSE: Final = """() => {
  const root = document.querySelector('buyer-protection-case')?.shadowRoot ?? document;
  const apart = 'bdi, [dir=auto], [dir=ltr], time, option, code, pre, script, style, .said, [lang]:not(html)';
  const walker = document.createTreeWalker(root.querySelector('main') ?? root, NodeFilter.SHOW_TEXT);
  const found = [];
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    const text = node.data.replace(/\\u2068[^\\u2069]*\\u2069|JPEG|PNG|WebP|HEIC|PDF|MP4|MOV/g, ' ');
    if (/[A-Za-z]{2,}/.test(text) && !node.parentElement.closest(apart) && node.parentElement.checkVisibility())
      found.push(node.data.slice(0, 80));
  }
  return found;
}"""
# What points somewhere has to point the other way: shapes by their style, arrows by their signs.
_UNTURNED: Final = """() => [
  ...[...document.querySelectorAll('.bar-shape')].filter(it => !getComputedStyle(it).transform.startsWith('matrix(-1')),
  ...[...document.querySelectorAll('.pane .buttons')].filter(it => !/→[^←]*←/.test(it.textContent)),
].map(it => it.outerHTML.slice(0, 120))"""
Shape = list[tuple[str, float | None, float | None]]


def shape(page: Page) -> Shape:
    """Name, distance of the edge where a line begins from that of the window, and of the edge where it ends."""
    return [tuple(it) for it in page.evaluate(_MEASURE, [_WHOLE, _STARTS, _ENDS])]


def differences(left: Shape, right: Shape) -> list[str]:
    """Where the one is not the mirror of the other. A list may have grown in between: what both have is compared."""
    ours, theirs = _by_name(left), _by_name(right)
    if ours.keys() != theirs.keys():
        return [f"other parts: {sorted(ours.keys() ^ theirs.keys())}"]
    return [
        f"{name}: {a} and {b}"
        for name in ours
        for mine, other in zip(ours[name], theirs[name], strict=False)
        for a, b in zip(mine, other, strict=True)
        if a is not None and b is not None and abs(a - b) > TOLERANCE
    ]


def _by_name(shape: Shape) -> dict[str, list[tuple[float | None, float | None]]]:
    found: dict[str, list[tuple[float | None, float | None]]] = {}
    for name, start, end in shape:
        found.setdefault(name, []).append((start, end))
    return found


def loose(page: Page) -> list[str]:
    """Texts of a right-to-left page in which something from left to right stands unprotected."""
    found: Any = page.evaluate(_LOOSE)
    return list(found)


def unturned(page: Page) -> list[str]:
    """What still points as if the page were read from the left."""
    found: Any = page.evaluate(_UNTURNED)
    return list(found)
