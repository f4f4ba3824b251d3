"""`porch report --format html`: a page as one file that needs nothing else, and holds no script.

What is foreign in it is cleaned and escaped here, all of it. It follows the
reader's light or dark, and prints.
"""

from __future__ import annotations

from html import escape
from typing import assert_never

from porch_tui.present.clean import clean
from porch_tui.report.forms.page import (
    Align,
    Block,
    Column,
    Figure,
    Listing,
    Page,
    Paragraph,
    Table,
    Timeline,
)
from porch_tui.report.forms.timeline import gantt

STYLE = """
:root { color-scheme: light dark; --ground: #fcfcfa; --text: #22272c; --muted: #656d75; --rule: #d8dad4; }
@media (prefers-color-scheme: dark) { :root { --ground: #11151a; --text: #d5dbe1; --muted: #83909c;
  --rule: #36404a; } }
body { background: var(--ground); color: var(--text); max-width: 62rem; margin: 2rem auto; padding: 0 1rem;
  font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2.2rem; border-bottom: 1px solid var(--rule); }
.result { font-size: 1.1rem; font-weight: 600; }
pre, code, td { font-family: ui-monospace, monospace; font-size: 13px; }
pre { overflow-x: auto; } table { border-collapse: collapse; display: block; overflow-x: auto; }
th, td { text-align: left; padding: .15rem 1rem .15rem 0; vertical-align: top; }
th { color: var(--muted); font-weight: 600; border-bottom: 1px solid var(--rule); }
.number { text-align: right; }
"""


def as_html(page: Page) -> str:
    """Return the page as an HTML document."""
    body = [f"<h1>{_text(page.title)}</h1>", f'<p class="result">{_text(page.result)}</p>']
    for section in page.sections:
        body += [f"<section>\n<h2>{_text(section.title)}</h2>", *map(_block, section.blocks), "</section>"]
    head = (
        f'<meta charset="utf-8">\n<meta name="viewport" content="width=device-width">\n'
        # whatever slipped through, a browser runs and fetches nothing
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; style-src '
        "'unsafe-inline'\">\n"
        f"<title>{_text(page.title)}</title>\n<style>{STYLE}</style>"
    )
    inside = "\n".join(body)
    return f'<!DOCTYPE html>\n<html lang="en">\n<head>\n{head}\n</head>\n<body>\n{inside}\n</body>\n</html>\n'


def _block(block: Block) -> str:
    match block:
        case Paragraph():
            return f"<p>{_text(block.text)}</p>"
        case Listing():
            items = (
                f"<li>{_text(item.text)}" + (f" <code>{_text(item.command)}</code>" if item.command else "")
                for item in block.items
            )
            return "<ul>\n" + "\n".join(items) + "\n</ul>"
        case Table():
            return _table(block)
        case Figure():
            return f"<pre>{escape(chr(10).join(block.lines))}</pre>"
        case Timeline():
            return f"<pre>{escape(chr(10).join(gantt(block.chart)))}</pre>"
        case _:
            assert_never(block)


def _table(block: Table) -> str:
    head = "".join(f"<th{_side(column)}>{_text(column.title)}</th>" for column in block.columns)
    rows = (
        "<tr>"
        + "".join(
            f"<td{_side(column)}>{_text(cell)}</td>" for column, cell in zip(block.columns, row, strict=True)
        )
        + "</tr>"
        for row in block.rows
    )
    return f"<table>\n<tr>{head}</tr>\n" + "\n".join(rows) + "\n</table>"


def _side(column: Column) -> str:
    return ' class="number"' if column.align is Align.RIGHT else ""


def _text(text: str) -> str:
    return escape(clean(text))
