"""The page on performance: tables and plots of the figures in ``docs/performance.json``.

``docs/generate.py`` calls ``performance_page`` and the plots. ``python -m benchmarks NAME --into docs/performance.json``
puts a run's figures into that file beside those of the others, each with its moment and commit.
"""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final
from xml.sax.saxutils import escape

ROOT: Final = Path(__file__).parent.parent

BENCHMARKS: Final[Mapping[str, tuple[str, str]]] = {
    "deciding": (
        "Deciding, in process",
        (
            "One core, distinct national codes, no cache: from the text of the code to a verdict. The baseline is the same library's own signature check on the "
            "same messages, in alternating rounds."
        ),
    ),
    "serving": (
        "Scans over HTTP",
        (
            "The gateway runs on one core, the generator on the other: access by a device session, the decision, and a passage record synced to disk before the "
            "answer (group commit). The baseline is a bare route of the same server that parses the request and checks one signature. Latencies are from the "
            "intended moment of sending (open loop)."
        ),
    ),
    "pictures": (
        "From a picture to a verdict",
        "A PNG of a distinct code each; most of the time is the reading of the picture.",
    ),
    "footprint": (
        "Starting and idling",
        "A gateway process: from its start until `/readyz` says yes, and its resident memory then.",
    ),
    "access": (
        "Access",
        "Why a device proves itself once per session: a signature per scan (RFC 9421) costs more than the decision.",
    ),
    "recording": (
        "Passage records",
        "What the store alone takes, beside a bare `executemany` of the same rows in one synced transaction a batch.",
    ),
    "ways": (
        "The three ways",
        (
            "End to end over real HTTP between processes of the sandbox, one request at a time; the baseline is the back end's own answer, and *our share* what "
            "is left of it."
        ),
    ),
    "families": (
        "Recognition over HTTP, each family",
        (
            "A code of a region of that family scanned in Tibet: host's gateway, issuer's gateway, the issuer's simulated back end, and the hub consulted, each a "
            "process of its own. The value is ours: the whole less what the same back end takes over a plain connection in the same run."
        ),
    ),
    "ingesting": (
        "Taking in reports",
        (
            "One process: from the bytes of a numbered batch of JSON lines, and from report values, until they are durable. The baseline writes the very same "
            "encoded rows into a table of the same schema in one transaction: PostgreSQL by COPY into a temporary table and one upsert from there, SQLite by one "
            "`executemany` of the upsert. Rounds alternate; each inserts new reports and then replaces them by a newer revision."
        ),
    ),
    "lookups": (
        "Looking up a person, among up to twenty million",
        (
            "What all regions report of one person, read through the store's port and combined, in process, one at a time, subjects drawn uniformly; all sizes "
            "stand on one server and take turns. The baseline is the driver alone with the same keys. Pages are told by EXPLAIN (ANALYZE, BUFFERS), for SQLite "
            "counted with an empty cache. Lists are of 100 people. Bytes are of tables and indexes on disk; in the hot index, of the masters' memory. What "
            "1.4·10^9 people take is worked out on [sizing](sizing.md)."
        ),
    ),
    "visibility": (
        "From a back end to another region's verdict",
        (
            "A region's back end hands in that a person is red; another region's gate, which let them pass before, asks again until it does not: through the "
            "outbox of the first region's gateway, the hub, and the second's gateway, each a process, all on one core, under steady load of reports and scans. "
            "The baseline is the shortest way there is: the report put at the hub by one signed call and read there by another."
        ),
    ),
    "one_stop": (
        "One-stop queries over HTTP",
        (
            "A gateway, the hub and another region's gateway on one core, two owners of datasets who answer live and the generator on the other; each query is "
            "signed and recorded as a look in both nodes. Half load is an open loop at half of what a closed one reached. Two owners down: one refuses, one "
            "accepts and says nothing; the whole has 800 ms. The baseline is the least that can be asked of the hub: one signed call that reads one report."
        ),
    ),
    "surge": (
        "A surge",
        (
            "An open loop of one-stop queries at three and at ten times the capacity that a closed loop reached just before, the nodes on one core, the "
            "generator on the other and never short of what it was to offer. Goodput is what was answered 200 within a second of its due moment; everything else "
            "was told 503 and when to come again. As the nodes leave out details before they turn anybody away, goodput may be above the capacity for whole answers: "
            "how many had none stands in the setting."
        ),
    ),
    "foreign_codes": (
        "Codes from outside",
        (
            "One core: from the text to the facts, with the schema checked, 500 signers trusted; beside bare signature checks of the same algorithm, in "
            "alternating rounds."
        ),
    ),
    "translating": (
        "Translation of all pairs and statuses",
        (
            "One core: everything that any of the 40 regions' codes can say on 2022-07-01 (each status alone and with each of its reason words), as every other "
            "region shows it, by cause and with what is lost: 10,725 cases. The baseline is what a table made beforehand would cost, a bare look-up in a dict, "
            "which knows neither time nor validity."
        ),
    ),
    "rules": (
        "Deciding by rules",
        "One core, distinct situations. The baseline is a function of nested conditions that was written by hand for the largest table that a file may hold.",
    ),
    "proving": (
        "Proving rules",
        (
            "All laws for all people on all days, by the solver, in one process. The baseline decides the 720 situations of the first six inputs on each day of "
            "change, which is what enumeration did before there were more inputs."
        ),
    ),
    "dry_run": (
        "What rules cost: the dry run",
        (
            "337 cities to each other at four kinds of place on 2020-03-21: 452,928 encounters. People whom the rules cannot tell apart are decided once; the "
            "baseline decides each encounter by itself."
        ),
    ),
    "importing": (
        "Importing risk lists",
        "The largest of seven real lists, and one as large as is allowed: read, placed, and kept in the history with what it changes.",
    ),
}

PLOTS: Final = ("docs/performance-lookups.svg", "docs/performance-surge.svg")

_HEAD: Final = """<!-- Made by `make docs` from `docs/performance.py` and `docs/performance.json`: edit there. -->

# Performance

What was measured, beside what, and how to measure it again:

```sh
make bench
```

runs every benchmark, prints a table and writes it as JSON; [performance.json](performance.json) holds the runs told here. Each figure stands beside a
baseline of the same run, since machines are shared and noisy: read the ratios first. No test asserts a time; `tests/house/test_benchmarks.py` shows only
that each benchmark runs.
"""

_TAIL: Final = """## What limits it

- A verdict in process is two thirds signature check. What is ours goes to reading the digits and the envelope, opening the sealed part, and making report
  and verdict as values.
- Over HTTP the server itself (parsing, routing, writing) costs as much as the decision; then comes the passage record. Records of all requests of one turn
  of the event loop are handed to the writer as one batch, and their log lines are written as one: both were measured to matter more than anything in the
  decision.
- The tail at half load is the disk's: an answer waits for the sync of its record.
- Sessions are kept in memory by one process: a device stays at one ([sizing](sizing.md)).
- A lookup in PostgreSQL is mostly the way to the server and back: what is ours is some 15 µs of it, and SQLite, in the process, needs a tenth.

## What was tried

Processor times of a verdict over HTTP, taken on a busy machine.

- The writer woken once a turn of the event loop: batches went from about 4 rows to about 40, and a verdict from 323 to 230 µs.
- Sealing and recording once a turn: 19 to 6.5 µs. Log and metrics once a turn: about 25 to 10 µs.
- References that begin with the time, views in MessagePack: 21 to 11 µs a row with 60,000 rows held.
- The envelope read by position: about 2 µs off the overhead. ES256's DER form written directly: 0.5 µs.
- No gain: huge pages, a shorter switch interval. Without the sync the latency at half load falls from about 6 to 2 ms, so it is mostly the disk's.
- The bare route takes the code apart as well as checking its signature; without that step the ratio would be lower, by estimate 0.62 to 0.65.

Reports by their places in MessagePack instead of canonical CBOR, read back once to be sure: 41 to 2 µs to encode, 56 to 2 to read, 249 to 70 bytes
([ADR 47](adr/0047-bodies-by-places-read-once.md)). Fewer, larger portions matter as much: what a transaction costs is not the rows.
"""


def performance_page() -> str:
    """Return the page: one section a benchmark."""
    told = _told()
    machine = told["machine"]
    lines = [
        _HEAD,
        (
            f"On {machine['cores']} cores of {machine['processor']}, {machine['memory_gib']} GiB, Python {machine['python']}, SQLite {machine['sqlite']}, "
            f"{machine['file_system']}.\n"
        ),
        *_summary(told),
    ]
    for name, (title, words) in BENCHMARKS.items():
        if name in told["benchmarks"]:
            lines += [f"## {title}\n", f"{words}\n", *_section(name, told["benchmarks"][name], told), ""]
    return "\n".join(lines) + "\n" + _TAIL


def lookups_plot() -> str:
    """Return the plot of look-ups: percentiles by how many subjects there are."""
    figures = _figures_of("lookups")
    series = []
    for store in ("PostgreSQL", "SQLite"):
        for percent in ("p50", "p99"):
            points = []
            for name, value in figures.items():
                if name.startswith(f"{store}, ") and name.endswith(f"subjects: lookup, {percent}"):
                    points.append((int(name.split(", ", 1)[1].split(" ")[0].replace(",", "")), value))
            if points:
                series.append((f"{store}, {percent}", points))
    return _plot("Look-up of one person, µs, by number of subjects", series)


def surge_plot() -> str:
    """Return the plot of the surge: what was offered, and what was answered in time."""
    figures = _figures_of("surge")
    setting = _told()["benchmarks"].get("surge", {}).get("setting", {})
    bars = []
    for name, value in figures.items():
        if "goodput" in name:
            times = name.split(" at ")[1].split(" ")[0]
            bars += [
                (f"{times} times: offered", float(setting[f"{times} times: offered a second"])),
                (f"{times} times: answered in time", value),
            ]
    return _bars("One-stop queries a second", bars)


def _told() -> dict[str, Any]:
    return dict(json.loads((ROOT / "docs" / "performance.json").read_text(encoding="utf-8")))


def _figures_of(benchmark: str) -> dict[str, float]:
    return {figure["name"]: figure["value"] for figure in _told()["benchmarks"].get(benchmark, {}).get("figures", ())}


def _summary(told: Mapping[str, Any]) -> Iterator[str]:
    """What was wanted of a ratio or a value, and what was seen."""
    yield "What was wanted, and what was seen:\n"
    yield "| of | figure | wanted | seen |\n|---|---|---|---|"
    for name in BENCHMARKS:
        for figure in told["benchmarks"].get(name, {}).get("figures", ()):
            if wanted := figure.get("wanted"):
                seen = f"{_number(figure['value'])} {figure['unit']}, ratio {figure['ratio']:.3g}"
                yield f"| {name} | {figure['name']} | {wanted} | {seen} |"
    yield ""


def _section(name: str, result: Mapping[str, Any], told: Mapping[str, Any]) -> Iterator[str]:
    yield "| figure | value | baseline | ratio | wanted |\n|---|---|---|---|---|"
    for figure in result["figures"]:
        value, baseline = (
            f"{_number(figure['value'])} {figure['unit']}",
            f"{figure['baseline_name']}: {_number(figure['baseline'])}",
        )
        yield f"| {figure['name']} | {value} | {baseline} | {figure['ratio']:.3g} | {figure.get('wanted', '')} |"
    if plot := next((path for path in PLOTS if path.endswith(f"-{name}.svg")), None):
        yield f"\n![{name}]({Path(plot).name})"
    moment = result.get("measured_at", told["measured_at"])[:16].replace("T", " ")
    yield f"\n`python -m benchmarks {name}`, {moment} UTC, at commit `{result.get('commit', told['commit'])[:10]}`."
    if result.get("setting"):
        yield "\nSetting: " + ", ".join(f"{key} {value}" for key, value in result["setting"].items()) + "."


_WHOLE_FROM: Final = 1_000


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= _WHOLE_FROM else f"{value:.3g}"


_WIDTH, _HEIGHT, _LEFT, _BOTTOM, _TOP = 640, 320, 60, 40, 40
_COLOURS: Final = ("#1b6ca8", "#7fb2d8", "#b4552d", "#e0a98f")


def _svg(title: str, height: int, parts: Sequence[str]) -> str:
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" font-family="sans-serif" font-size="12">'
        f'<rect width="{_WIDTH}" height="{height}" fill="#ffffff"/>'
    )
    return "\n".join([head, f'<text x="12" y="22" font-size="14">{escape(title)}</text>', *parts, "</svg>"]) + "\n"


def _plot(title: str, series: Sequence[tuple[str, Sequence[tuple[int, float]]]]) -> str:
    """Draw lines over two axes by powers of ten."""
    values = [value for _, points in series for _, value in points] or [1.0]
    places = [place for _, points in series for place, _ in points] or [1]
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    first, last = math.log10(min(places)), math.log10(max(places))

    def at(place: float, value: float) -> tuple[float, float]:
        x = _LEFT + (math.log10(place) - first) / ((last - first) or 1) * (_WIDTH - _LEFT - 150)
        y = _HEIGHT - _BOTTOM - (math.log10(value) - low) / ((high - low) or 1) * (_HEIGHT - _BOTTOM - _TOP)
        return round(x, 1), round(y, 1)

    parts = []
    for power in range(low, high + 1):
        x, y = at(min(places), 10.0**power)
        parts.append(
            f'<line x1="{x}" y1="{y}" x2="{_WIDTH - 150}" y2="{y}" stroke="#dddddd"/><text x="{x - 8}" y="{y + 4}" text-anchor="end">{10.0**power:g}</text>'
        )
    for place in sorted(set(places)):
        x, _ = at(place, values[0])
        parts.append(f'<text x="{x}" y="{_HEIGHT - 16}" text-anchor="middle">{place:.0e}</text>')
    for (name, points), colour in zip(series, _COLOURS, strict=False):
        line = [at(place, value) for place, value in sorted(points)]
        drawn = " ".join(f"{x},{y}" for x, y in line)
        parts.append(f'<polyline points="{drawn}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [f'<circle cx="{x}" cy="{y}" r="3" fill="{colour}"/>' for x, y in line]
        parts.append(f'<text x="{_WIDTH - 140}" y="{line[-1][1] + 4}" fill="{colour}">{escape(name)}</text>')
    return _svg(title, _HEIGHT, parts)


def _bars(title: str, bars: Sequence[tuple[str, float]]) -> str:
    """Draw one bar below the other."""
    longest, parts = max((value for _, value in bars), default=1.0), []
    for number, (name, value) in enumerate(bars):
        y, length = _TOP + 28 * number, round(value / longest * (_WIDTH - 320), 1)
        parts.append(
            f'<text x="180" y="{y + 14}" text-anchor="end">{escape(name)}</text><rect x="190" y="{y}" width="{length}" height="20" '
            f'fill="{_COLOURS[1 - number % 2]}"/><text x="{196 + length}" y="{y + 14}">{_number(value)}</text>'
        )
    return _svg(title, _TOP + 28 * len(bars) + 12, parts)
