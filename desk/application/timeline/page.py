"""A history as one HTML page that needs neither Desk nor a script: the axis, and each event with what it changed."""

import json
from collections.abc import Iterator, Sequence
from typing import Final

from desk.application.book_fields import Changes
from desk.application.history import HistoryColumns
from desk.application.timeline.account import Told, words_of_key, words_of_value
from desk.application.timeline.look import FONT
from desk.application.timeline.rows import append_rows
from desk.application.timeline.svg import SvgPicture, picture_of, safe
from desk.application.timeline.words import exact_text, moment_text
from desk.records import dataclass

_LONGEST_PAYLOAD: Final = 20_000
"""Signs of a payload that stand on a page; of a longer one the beginning, and how long it is."""

_LEAST_WIDTH: Final = 700

_STYLE: Final = """
body{margin:0 auto;padding:24px;max-width:%(wide)spx;color-scheme:%(scheme)s}
body{background:%(band)s;color:%(ink)s;font:14px/1.45 %(font)s}
h1{font-size:20px;margin:0 0 4px;overflow-wrap:anywhere}
.about{color:%(muted)s;margin:0 0 16px}
.axis{background:%(paper)s;border:1px solid %(line)s;border-radius:8px;overflow-x:auto;margin-bottom:20px}
.field{width:22%%}
.axis svg{display:block}
article{background:%(paper)s;border:1px solid %(line)s;border-radius:8px;padding:10px 14px;margin:8px 0}
article:target{outline:2px solid %(accent)s}
h2{font-size:15px;margin:0;overflow-wrap:anywhere}
h2 a{color:%(muted)s;text-decoration:none;font-weight:400;margin-right:8px}
.when{color:%(muted)s;margin:0}
table{border-collapse:collapse;margin-top:6px;width:100%%;table-layout:fixed}
th{color:%(muted)s;font-weight:400;text-align:left}
th,td{padding:2px 12px 2px 0;vertical-align:top;overflow-wrap:anywhere}
tr+tr>*{border-top:1px solid %(grid)s}
ins{text-decoration:none;font-weight:600}
summary{color:%(muted)s;cursor:pointer;margin-top:6px}
pre{margin:4px 0 0;white-space:pre-wrap;overflow-wrap:anywhere;font-size:12.5px}
@media(max-width:600px){body{padding:12px}.field{width:33%%}}
"""


@dataclass(frozen=True, slots=True)
class Page:
    """A page's title, and what the axis on it is like."""

    title: str
    picture: SvgPicture


def columns_of(stream: str, told: Sequence[Told]) -> HistoryColumns:
    """The events as a history that can be drawn."""
    columns = HistoryColumns(stream)
    append_rows(columns, (each.row for each in told))
    return columns


def page_of(stream: str, told: Sequence[Told], page: Page) -> Iterator[str]:
    """The page, piece by piece."""
    yield (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{safe(page.title)}</title>\n<style>{_style(page.picture)}</style>\n</head>\n<body>\n"
    )
    yield f'<h1>{safe(page.title)}</h1>\n<p class="about">{safe(_about(stream, told))}</p>\n'
    yield '<div class="axis">'
    yield picture_of(columns_of(stream, told), page.title, page.picture, linked=True)
    yield "</div>\n"
    for each in told:
        yield _event(each)
    yield "</body>\n</html>\n"


def _style(picture: SvgPicture) -> str:
    look, wide = picture.look, max(int(picture.width), _LEAST_WIDTH) + 2  # with a line at either side
    colours = {name: getattr(look, name) for name in ("band", "ink", "muted", "paper", "line", "accent", "grid")}
    return _STYLE % (colours | {"font": FONT, "wide": wide, "scheme": look.scheme})


def _about(stream: str, told: Sequence[Told]) -> str:
    if not told:
        return f"{stream}: no events"
    begin, end = moment_text(told[0].row.time), moment_text(told[-1].row.time)
    count = "1 event" if len(told) == 1 else f"{len(told):,} events"
    return f"{stream}: {count}, {begin} to {end}"


def _event(told: Told) -> str:
    row = told.row
    by = f", by {row.user}" if row.user else ""
    table = _table(told.changes) if told.changes else ""
    problem = f'<p class="when">{safe(told.problem)}</p>' if told.problem else ""
    place = f"r{row.revision}"
    return (
        f'<article id="{place}">\n<h2><a href="#{place}">{place}</a>{safe(told.sentence)}</h2>\n'
        f'<p class="when">{safe(told.event.type)}, {safe(exact_text(row.time))}{safe(by)}</p>\n{table}{problem}'
        f"<details><summary>data</summary><pre>{safe_lines(payload_text(told.event.data))}</pre></details>\n"
        f"<details><summary>metadata</summary><pre>{safe_lines(payload_text(told.event.metadata))}</pre></details>\n"
        "</article>\n"
    )


def _table(changes: Changes) -> str:
    """Field, before and after; without a column in which there is nothing at all."""
    were = any(before is not None for before, _ in changes.values())
    head = "<th>before</th><th>after</th>" if were else "<th>after</th>"
    rows = (
        f"<tr><td>{safe(words_of_key(key))}</td>"
        + (f"<td>{safe(words_of_value(before))}</td>" if were else "")
        + f"<td><ins>{safe(words_of_value(after))}</ins></td></tr>"
        for key, (before, after) in changes.items()
    )
    return f'<table><tr><th class="field">field</th>{head}</tr>{"".join(rows)}</table>'


def payload_text(stored: bytes) -> str:
    """A payload for people: JSON with a value on each line, other text as it is, bytes in hexadecimal digits."""
    try:
        text = stored.decode()
        if len(text) <= _LONGEST_PAYLOAD:
            return json.dumps(json.loads(text), ensure_ascii=False, indent=2)
    except UnicodeDecodeError:
        text = stored.hex(" ")
    except (ValueError, RecursionError):
        pass
    return text if len(text) <= _LONGEST_PAYLOAD else f"{text[:_LONGEST_PAYLOAD]}\n… {len(text):,} signs in all"


def safe_lines(text: str) -> str:
    """As :func:`safe`, line by line."""
    return "\n".join(safe(line) for line in text.split("\n"))
