"""The forms of a dossier: Markdown, one page of HTML that prints well and needs nothing from elsewhere, and JSON."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from doer.domain.value import Json
from doer.interfaces.cli.escape import visible

_STYLE: Final = """
:root{color-scheme:light}
body{font:14px/1.5 system-ui,-apple-system,"Segoe UI",sans-serif;max-width:72rem;margin:2.5rem auto;padding:0 1.5rem;color:#1c1e21}
header{border-bottom:3px solid #1c1e21;margin-bottom:1.5rem;padding-bottom:.25rem}
header p{margin:0;color:#5a6068;letter-spacing:.06em;text-transform:uppercase;font-size:11px}
h1{margin:.1rem 0 .6rem;font-size:26px}
h2{margin:2.2rem 0 .6rem;font-size:17px;border-bottom:1px solid #c9cdd2;padding-bottom:.2rem}
dl{display:grid;grid-template-columns:minmax(9rem,max-content) 1fr;gap:.2rem 1.2rem;margin:0 0 .8rem}
dt{color:#5a6068}dd{margin:0;overflow-wrap:anywhere}
header dl dd:first-of-type{font-size:17px;font-weight:600}
table{border-collapse:collapse;width:100%;font-size:12.5px}
th{text-align:left;color:#5a6068;font-weight:600;border-bottom:1.5px solid #1c1e21;padding:.25rem .5rem .25rem 0}
td{border-bottom:1px solid #e3e6e9;padding:.3rem .5rem .3rem 0;vertical-align:top;overflow-wrap:anywhere;white-space:pre-wrap}
td.before{color:#a3262a;text-decoration:line-through;text-decoration-color:#e0b4b5}td.after{color:#14692f}
td.digest{font:10.5px/1.4 ui-monospace,monospace;color:#5a6068;min-width:9rem}
td.time,td.tool,td.seq{white-space:nowrap}td.step{min-width:5.5rem}p.prose{color:#3a3f45;max-width:52rem}
footer{margin-top:3rem;border-top:1px solid #c9cdd2;padding-top:.5rem;color:#5a6068;font-size:11px}
@page{size:A4 landscape;margin:14mm}
@media print{body{max-width:none;margin:0;padding:0;font-size:11px}table{font-size:10px}thead{display:table-header-group}
tr{break-inside:avoid}h2{break-after:avoid}}
""".strip()


@dataclass(frozen=True, slots=True)
class Section:
    """One part: a line of prose of ours, facts by name, then a table."""

    title: str
    facts: Mapping[str, str] = field(default_factory=dict)
    columns: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()
    prose: str = ""


def to_json(sections: Sequence[Section]) -> Json:
    """Return the dossier as JSON."""
    return [
        {
            "title": each.title,
            "prose": each.prose,
            "facts": dict(each.facts),
            "rows": [dict(zip(each.columns, row, strict=True)) for row in each.rows],
        }
        for each in sections
    ]


def to_markdown(sections: Sequence[Section]) -> str:
    """Return the dossier as Markdown; text out of data stands in code spans, where nothing is interpreted."""
    lines: list[str] = []
    for number, section in enumerate(sections):
        lines += [f"{'#' if number == 0 else '##'} {_markdown(section.title)}", ""]
        if section.prose:
            lines += [section.prose, ""]
        lines += [f"- {name}: {_code(each)}" for name, each in section.facts.items()]
        if section.facts:
            lines.append("")
        if section.rows:
            lines += [f"| {' | '.join(section.columns)} |", f"|{'---|' * len(section.columns)}"]
            lines += [f"| {' | '.join(_code(cell) if cell else '' for cell in row)} |" for row in section.rows]
            lines.append("")
    return "\n".join(lines)


def _markdown(text: str) -> str:
    return "".join(f"\\{letter}" if letter in "\\`*_{}[]()<>#+!|~" else letter for letter in visible(text))


def _code(text: str) -> str:
    shown = visible(text).replace("|", "\\|")
    ticks = "`"
    while ticks in shown:
        ticks += "`"
    return f"{ticks} {shown} {ticks}" if ticks != "`" else f"`{shown}`"


def to_html(sections: Sequence[Section]) -> str:
    """Return the dossier as one page that needs nothing from elsewhere."""
    first, rest = sections[0], sections[1:]
    parts = [
        '<!doctype html><html lang="en"><head><meta charset="utf-8">',
        f"<title>{_html(first.title)}</title><style>{_STYLE}</style></head><body>",
        f"<header><p>doer · an account from the record</p><h1>{_html(first.title)}</h1>{_facts(first)}</header>",
        *(_section(each) for each in rest),
        "<footer>Written by doer from its journal. It contains no credentials.</footer></body></html>\n",
    ]  # fmt: skip
    return "".join(parts)


def _section(section: Section) -> str:
    prose = f'<p class="prose">{_html(section.prose)}</p>' if section.prose else ""
    return f"<section><h2>{_html(section.title)}</h2>{prose}{_facts(section)}{_table(section)}</section>"


def _facts(section: Section) -> str:
    told = "".join(f"<dt>{_html(name)}</dt><dd>{_html(each)}</dd>" for name, each in section.facts.items())
    return f"<dl>{told}</dl>" if told else ""


def _table(section: Section) -> str:
    if not section.rows:
        return ""
    head = "".join(f"<th>{_html(each)}</th>" for each in section.columns)
    kinds = [each.partition(" ")[0] for each in section.columns]
    rows = "".join(
        f"<tr>{''.join(f'<td class={kind}>{_html(cell)}</td>' for kind, cell in zip(kinds, row, strict=True))}</tr>"
        for row in section.rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _html(text: str) -> str:
    """Return text out of data for a page: escaped, made visible, and with its own line breaks."""
    return "\n".join(html.escape(visible(line)) for line in text.split("\n"))
