"""Looks at a page in a real browser: what it measures, as values."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from html import unescape
from pathlib import Path
from typing import Any

import pytest

LOOK = """
const seen = {
  clipped: [], overlapping: [], sideways: [], broken: [], contrast: 21, faintest: "",
  width: document.body.scrollWidth,
};
const lightness = color => {
  const [r, g, b] = color.match(/[\\d.]+/g).map(Number).map(one => {
    one /= 255;
    return one <= 0.03928 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const ground = one => {
  for (; one; one = one.parentElement) {
    const color = getComputedStyle(one).backgroundColor;
    if (color && !color.startsWith("rgba(0, 0, 0, 0")) return color;
  }
  return "rgb(255, 255, 255)";
};
for (const one of document.querySelectorAll("body *")) {
  const has_text = [...one.childNodes].some(node => node.nodeType === 3 && node.data.trim());
  if (!has_text || one.closest("title")) continue;
  const style = getComputedStyle(one);
  const color = one instanceof SVGElement ? style.fill : style.color;
  const [a, b] = [lightness(color), lightness(ground(one))].sort((x, y) => y - x);
  const contrast = (a + 0.05) / (b + 0.05);
  if (contrast < seen.contrast) [seen.contrast, seen.faintest] = [contrast, one.outerHTML.slice(0, 200)];
  const box = one.getBoundingClientRect();
  const scrolls = one.closest(".scroll, pre");
  const is_inside = box.right <= innerWidth + 1 && box.left >= -1;
  if (!scrolls && !is_inside) seen.clipped.push(one.outerHTML.slice(0, 200));
}
for (const svg of document.querySelectorAll("svg")) {
  const boxes = [...svg.querySelectorAll("text")].map(one => [one, one.getBoundingClientRect()]);
  for (const [a, p] of boxes) for (const [b, q] of boxes)
    if (a !== b && p.left < q.right - 1 && q.left < p.right - 1
        && p.top < q.bottom - 3 && q.top < p.bottom - 3)
      seen.overlapping.push(a.textContent + " on " + b.textContent);
}
for (const one of document.querySelectorAll(".scroll, figure pre"))
  if (one.scrollWidth > one.clientWidth + 1) seen.sideways.push(one.textContent.slice(0, 200));
for (const one of document.querySelectorAll("td:first-child a"))
  if (one.textContent.length <= 12 && one.getClientRects().length > 1) seen.broken.push(one.textContent);
seen.is_dark = lightness(ground(document.body)) < 0.5;
const result = document.createElement("pre");
result.id = "seen";
result.textContent = JSON.stringify(seen);
document.body.append(result);
"""


def assert_readable(page: Path, width: int, *, is_dark: bool = False) -> None:
    """Say that a page can be read in a window of so many pixels; skip the test where there is no browser."""
    if not (chromium := shutil.which("chromium")):
        pytest.skip("no chromium")
    seen = look(chromium, page, width, is_dark=is_dark)

    assert seen["width"] <= width, "the page does not scroll sideways"
    assert not seen["clipped"], f"text is wider than its place: {seen['clipped']}"
    assert not seen["sideways"], f"something has to be scrolled to be read: {seen['sideways']}"
    assert not seen["broken"], f"short names are not on one line: {seen['broken']}"
    assert not seen["overlapping"], f"texts of a drawing lie on each other: {seen['overlapping']}"
    assert seen["contrast"] >= 4.5, seen["faintest"]
    assert seen["is_dark"] is is_dark


def look(chromium: str, page: Path, width: int, *, is_dark: bool) -> dict[str, Any]:
    """Return what a page looks like in a window of so many pixels.

    `width` of its content; texts that are `clipped`, or `overlapping` in a drawing; tables and quotations
    that scroll `sideways`; short names of tasks that are `broken`; the least `contrast` of text, and which is
    the `faintest`; whether its ground `is_dark`. The page's policy forbids scripts, so
    it is looked at in a copy without that.
    """
    text = page.read_text()
    assert "default-src 'none'" in text
    text = re.sub(r"<meta http-equiv[^>]*>", "", text)
    scheme = "dark" if is_dark else "light"
    text = text.replace("(prefers-color-scheme: dark)", "all" if is_dark else "not all")
    copy = page.with_name(f"{page.stem}-{scheme}-{width}.html")
    # a window is never narrower than 500 pixels; a frame may be
    frame = page.with_name(f"frame-{scheme}-{width}.html")
    copy.write_text(text.replace("</body>", f"<script>{LOOK}</script></body>"))
    frame.write_text(
        f'<iframe id="page" src="{copy.name}" style="border:0;width:{width}px;height:4000px"></iframe>'
        "<script>"
        'const page = document.getElementById("page");'
        'page.onload = () => document.body.append(page.contentDocument.getElementById("seen"));</script>'
    )
    words = [chromium, "--headless", "--no-sandbox", "--disable-gpu", "--allow-file-access-from-files"]
    words += [f"--user-data-dir={page.parent / 'profile'}", f"--window-size={width + 600},2000"]
    words += ["--virtual-time-budget=5000", "--host-resolver-rules=MAP * ~NOTFOUND", "--dump-dom"]
    done = subprocess.run([*words, frame.as_uri()], capture_output=True, text=True, timeout=300, check=True)
    found = re.search(r'<pre id="seen">(.*?)</pre>', done.stdout, re.DOTALL)
    assert found, done.stdout[-2000:] + done.stderr[-2000:]
    return json.loads(unescape(found[1]))  # type: ignore[no-any-return]
