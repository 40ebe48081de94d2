"""The change list as one self-contained page: both cuts drawn, then every change with pictures."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass

from jinja2 import Environment, StrictUndefined

from microfinish.core.change_words import label
from microfinish.core.changes import Change
from microfinish.core.timeline import Event, Timeline
from microfinish.report.change_rows import Compared, name_of, summary, words_of

COLORS = {"unchanged": "#8a94a0", "moved": "#4a8fe7", "trimmed": "#e0a526", "slipped": "#c77dff",
          "retimed": "#2bb3a3", "replaced": "#e4572e", "split": "#d98fb0", "joined": "#9c6644",
          "inserted": "#4caf50", "deleted": "#b3261e", "transition": "#6d83f2",
          "recolored": "#d6559a", "placed": "#00838f", "rerouted": "#607d3b"}
_OTHER = "#888888"
_WIDTH, _BAR, _APART = 1000, 46, 110


@dataclass(frozen=True, slots=True)
class Words:
    """What stands above the page: who locked what, when and why, one line per side."""

    title: str
    from_note: str = ""
    to_note: str = ""


@dataclass(frozen=True, slots=True)
class _Box:
    x: float
    width: float
    name: str
    color: str
    ink: str
    told: str
    link: str


@dataclass(frozen=True, slots=True)
class _Entry:
    name: str
    anchor: str
    kinds: tuple[str, ...]
    was: str
    now: str
    frames: str
    words: str
    before: str
    after: str


def change_page(compared: Compared, words: Words, pictures: Mapping[str, bytes]) -> str:
    """The page. `pictures` are JPEGs by media path; media without one are named only.

    Needs no network and no file beside it; the text can be searched, and it prints.
    """
    classes = {path: f"m{number}" for number, path in enumerate(sorted(pictures))}
    rows = [_entry(change, compared, classes) for change in compared.changes]
    return _TEMPLATE.render(
        words=words, compared=compared, summary=summary(compared), colors=COLORS,
        inks={kind: _ink(color) for kind, color in COLORS.items()},
        kinds=[kind for kind in COLORS if any(kind in row.kinds for row in rows)],
        before=_boxes(compared, compared.before, after=False),
        after=_boxes(compared, compared.after, after=True), ribbons=_ribbons(compared),
        changed=[row for row in rows if row.kinds != ("unchanged",)],
        same=[row for row in rows if row.kinds == ("unchanged",)],
        pictures={classes[path]: base64.b64encode(data).decode("ascii")
                  for path, data in pictures.items()},
        width=_WIDTH, bar=_BAR, apart=_APART)


def _scale(compared: Compared) -> float:
    return _WIDTH / max(1, compared.before.frames, compared.after.frames)


def _boxes(compared: Compared, timeline: Timeline, after: bool) -> list[_Box]:
    found: dict[str, Change] = {}
    for change in compared.changes:
        event = change.after if after else change.before
        if event is not None and not change.sound and event.shot == change.shot:
            found[change.shot] = change
    scale = _scale(compared)
    boxes = []
    for event in timeline.picture():
        if event.record.length and event.media:
            kinds = found[event.shot].kinds if event.shot in found else ("unchanged",)
            boxes.append(_Box(
                event.record.start * scale, event.record.length * scale, event.shot,
                COLORS.get(kinds[0], _OTHER), _ink(COLORS.get(kinds[0], _OTHER)),
                f"{event.shot} {', '.join(kinds)}: {event.media}, {event.record.length} frames "
                f"at {label(timeline, event.record.start)}",
                _anchor(event.shot)))
    return boxes


def _anchor(shot: str) -> str:
    return f"shot-{shot}"


def _ink(color: str) -> str:
    """Black or white, whichever is easier to read on a color (WCAG 2.2 relative luminance)."""
    red, green, blue = (int(color[i:i + 2], 16) / 255 for i in (1, 3, 5))
    light = 0.2126 * red ** 2.2 + 0.7152 * green ** 2.2 + 0.0722 * blue ** 2.2
    return "#000" if light > 0.179 else "#fff"


def _ribbons(compared: Compared) -> list[tuple[str, str]]:
    """(points, color) of the bands between a shot's old place and its new one."""
    scale, top, low = _scale(compared), _BAR, _BAR + _APART
    bands = []
    for change in compared.changes:
        if change.before and change.after and not change.sound:
            old, new = change.before.record, change.after.record
            points = ((old.start, top), (old.end, top), (new.end, low), (new.start, low))
            bands.append((" ".join(f"{x * scale:.1f},{y}" for x, y in points),
                          COLORS.get(change.kinds[0], _OTHER)))
    return bands


def _entry(change: Change, compared: Compared, classes: Mapping[str, str]) -> _Entry:
    old, new = change.before, change.after
    return _Entry(name_of(change), "" if change.sound else _anchor(change.shot), change.kinds,
                  _at(compared.before, old), _at(compared.after, new),
                  " → ".join(str(event.record.length) for event in (old, new) if event),
                  "" if not change.changed else words_of(change, compared),
                  _picture(change, old, classes), _picture(change, new, classes))


def _picture(change: Change, event: Event | None, classes: Mapping[str, str]) -> str:
    return classes.get(event.media, "") if event is not None and not change.sound else ""


def _at(timeline: Timeline, event: Event | None) -> str:
    return label(timeline, event.record.start) if event else ""


_TEMPLATE = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True,
                        lstrip_blocks=True).from_string("""\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ words.title }}</title>
<style>
:root { color-scheme: light dark; --ink: #1d2126; --paper: #fbfbfa; --line: #d6d9dd; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e8ea; --paper: #15181b; --line: #363c43; } }
body { font: 15px/1.45 system-ui, sans-serif; color: var(--ink); background: var(--paper);
  margin: 2rem auto; max-width: 1080px; padding: 0 1rem; }
h1 { font-size: 1.4rem; margin: 0 0 .3rem; }
p { margin: .2rem 0; }
a { color: inherit; text-decoration: none; }
a:focus-visible, summary:focus-visible { outline: 3px solid #4a8fe7; outline-offset: 2px; }
svg a:focus-visible rect { stroke: #4a8fe7; stroke-width: 4; }
.tracks { overflow-x: auto; margin: 1rem 0; }
svg { display: block; width: 100%; min-width: 660px; height: auto;
  font: 13px system-ui, sans-serif; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .35rem .6rem .35rem 0; border-bottom: 1px solid var(--line);
  vertical-align: top; }
tr:target td { background: color-mix(in srgb, #4a8fe7 18%, transparent); }
td.t { font-variant-numeric: tabular-nums; white-space: nowrap; }
i.k { display: inline-block; padding: 0 .45em; border-radius: .3em;
  font-style: normal; margin: 0 .3em .2em 0; }
td.p { white-space: nowrap; }
b.p { display: inline-block; width: 96px; height: 54px; background: center/contain no-repeat;
  vertical-align: middle; }
@media (max-width: 700px) {
  body { margin: 1rem auto; }
  tr:first-child { display: none; }
  tr { display: block; padding: .5rem 0; border-bottom: 1px solid var(--line); }
  td { display: inline-block; border: 0; padding: .1rem .8rem .1rem 0; }
  td[data-h]:not(:empty)::before { content: attr(data-h) " "; opacity: .65; }
  td.w, td.p { display: block; }
  td.w:empty, td.p:empty { display: none; }
}
@media print { .tracks { overflow: visible; } svg { min-width: 0; } }
{% for name, data in pictures.items() %}
.{{ name }} { background-image: url(data:image/jpeg;base64,{{ data }}) !important; }
{% endfor %}
</style>
</head>
<body>
<h1>{{ words.title }}</h1>
{% if words.from_note %}<p>{{ compared.from_name }}: {{ words.from_note }}</p>{% endif %}
{% if words.to_note %}<p>{{ compared.to_name }}: {{ words.to_note }}</p>{% endif %}
<p><strong>{{ summary }}</strong></p>
{% macro track(boxes, y) %}
{% for box in boxes %}
<a href="#{{ box.link }}" aria-label="{{ box.told }}"><title>{{ box.told }}</title>
<rect x="{{ "%.1f" % box.x }}" y="{{ y }}"
 width="{{ "%.1f" % box.width }}" height="{{ bar }}" fill="{{ box.color }}" stroke="var(--paper)"/>
{% if box.width > 40 %}<text x="{{ "%.1f" % (box.x + 4) }}" y="{{ y + bar // 2 + 4 }}"
 fill="{{ box.ink }}">{{ box.name }}</text>{% endif %}</a>
{% endfor %}
{% endmacro %}
<div class="tracks"><svg viewBox="0 -16 {{ width }} {{ 2 * bar + apart + 34 }}" role="group"
 aria-label="{{ compared.from_name }} above, {{ compared.to_name }} below">
<text x="0" y="-4" fill="currentColor">{{ compared.from_name }}</text>
{{ track(before, 0) }}
{% for points, color in ribbons %}
<polygon points="{{ points }}" fill="{{ color }}" opacity=".25"/>
{% endfor %}
{{ track(after, bar + apart) }}
<text x="0" y="{{ 2 * bar + apart + 14 }}" fill="currentColor">{{ compared.to_name }}</text>
</svg></div>
{% macro badge(kind) %}
<i class="k" style="background:{{ colors[kind] }};color:{{ inks[kind] }}">{{ kind }}</i>
{% endmacro %}
<p>{% for kind in kinds %}{{ badge(kind) }}{% endfor %}</p>
{% macro listing(rows) %}
<table>
<tr><th>shot</th><th>change</th><th>was at</th><th>is at</th><th>frames</th><th>what</th>
{% if pictures %}<th>picture</th>{% endif %}</tr>
{% for row in rows %}
<tr{% if row.anchor %} id="{{ row.anchor }}"{% endif %}><td>{{ row.name }}</td>
<td>{% for kind in row.kinds %}{{ badge(kind) }}{% endfor %}</td>
<td class="t" data-h="was">{{ row.was }}</td><td class="t" data-h="is">{{ row.now }}</td>
<td class="t" data-h="frames">{{ row.frames }}</td><td class="w">{{ row.words }}</td>
{% if pictures %}<td class="p">{% if row.before %}<b class="p {{ row.before }}"></b>{% endif %}
{% if row.after and row.after != row.before %}{% if row.before %}→{% endif %}
<b class="p {{ row.after }}"></b>{% endif %}</td>
{% endif %}</tr>
{% endfor %}
</table>
{% endmacro %}
{% if changed %}{{ listing(changed) }}{% else %}<p>No shot and no sound changed.</p>{% endif %}
{% if same %}
<details><summary>{{ same | length }} unchanged</summary>{{ listing(same) }}</details>
{% endif %}
</body>
</html>
""")
