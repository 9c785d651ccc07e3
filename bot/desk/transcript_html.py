"""A transcript as one HTML file: nothing is loaded, nothing runs, and it can be printed."""

from __future__ import annotations

from html import escape

from bot.desk.transcript import BOLD, ESCAPED, LINK, Record, Row, page

_STYLE = """
:root { color-scheme: light dark; --back: #fff; --text: #1c1e21; --soft: #65676b; --line: #d8dadf; --contact: #eef1f5;
  --agent: #e3efff; --note: #fff5d6; }
@media (prefers-color-scheme: dark) { :root { --back: #17181a; --text: #e6e7e9; --soft: #a2a5ab; --line: #3a3c40;
  --contact: #25272b; --agent: #1d2f48; --note: #3d3415; } }
body { margin: 0 auto; padding: 1.5rem 1rem; max-width: 46rem; background: var(--back); color: var(--text);
  font: 1rem/1.5 system-ui, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif; }
h1 { font-size: 1.3rem; margin: 0 0 1rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem; margin: 0 0 1.5rem; padding-bottom: 1rem;
  border-bottom: 1px solid var(--line); }
dt, time, .event, .marks, .remark { color: var(--soft); }
dd { margin: 0; }
dd, .text { overflow-wrap: anywhere; white-space: pre-wrap; unicode-bidi: plaintext; }
article { margin: .8rem 0; padding: .6rem .8rem; border-radius: .5rem; border: 1px solid var(--line); }
article.contact { background: var(--contact); } article.agent { background: var(--agent); }
article.note { background: var(--note); border-style: dashed; }
article header { display: flex; gap: 1rem; justify-content: space-between; font-size: .9rem; }
article p { margin: .3rem 0 0; }
.event, .marks, time { font-size: .85rem; }
.event { margin: .5rem .8rem; overflow-wrap: anywhere; }
@media print { body { max-width: none; padding: 0; } article { break-inside: avoid; } }
"""


def as_html(record: Record, lang: str, *, for_agents: bool = False) -> str:
    """The transcript as a self-contained HTML file; all that people wrote is escaped."""
    made = page(record, lang, for_agents=for_agents)
    head = "".join(f"<dt>{escape(label)}</dt><dd>{escape(value)}</dd>\n" for label, value in made.head)
    remark = f'<p class="remark">{escape(made.remark)}</p>\n' if made.remark else ""
    rows = "".join(map(_row, made.rows))
    return (
        f'<!DOCTYPE html>\n<html lang="{escape(made.lang)}">\n<head>\n<meta charset="utf-8">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(made.title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        f"<h1>{escape(made.title)}</h1>\n<dl>\n{head}</dl>\n{remark}<main>\n{rows}</main>\n</body>\n</html>\n"
    )


def _row(row: Row) -> str:
    time = f'<time datetime="{row.moment}">{escape(row.at)}</time>'
    if row.kind == "event":
        return f'<div class="event">{time} {escape(row.text)}</div>\n'
    text = escape(row.text) if row.kind == "contact" else _formatted(row.text)
    parts = [f'<p class="text">{text}</p>'] if text else []
    parts += [f'<p class="file">{escape(file)}</p>' for file in row.files]
    if row.marks:
        parts.append(f'<p class="marks">{escape(", ".join(row.marks))}</p>')
    head = f"<header><strong>{escape(row.who)}</strong> {time}</header>"
    return f'<article class="{escape(row.kind)}">{head}{"".join(parts)}</article>\n'


def _formatted(text: str) -> str:
    """The little Markdown that a transcript shows: bold and links to the web. Escaped first, so nothing else passes."""
    linked = LINK.sub(r'<a href="\2" rel="noreferrer">\1</a>', escape(text))
    return ESCAPED.sub(r"\1", BOLD.sub(r"<strong>\1</strong>", linked))
