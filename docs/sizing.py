"""The page on sizing: sums from measured figures, written out. ``docs/generate.py`` calls ``sizing_page``.

A figure is taken from ``docs/performance.json`` by benchmark and name; where the run told there does not hold it, its
trial stands in and is told as such. What is assumed is in ``ASSUMED``, and settings come from ``deploy/`` and the
code, so that page and deployment cannot disagree.
"""

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tongxing.core.checkpoints import PASSAGE_KEPT
from tongxing.core.limits import BUNDLE_MAX_BYTES, VERDICT_KEPT
from tongxing.core.retention import REPORT_KEPT
from tongxing.stores.postgres.tables import PARTITIONS
from tongxing.stores.valkey.index import ENTRY_SECONDS

ROOT: Final = Path(__file__).parent.parent


@dataclass(frozen=True, slots=True)
class Measured:
    """A figure: in which benchmark under which name, in which unit, and of a trial until it is there.

    One without a trial is left out, and the sum that it would spare is made of others.
    """

    words: str
    benchmark: str
    figure: str
    unit: str
    trial: float | None


MEASURED: Final[Mapping[str, Measured]] = {
    "V": Measured("verdicts over HTTP, one core, recorded", "serving", "verdicts over HTTP, one core, recorded", "1/s", 5539),
    "S": Measured("check of a signed request", "access", "check of a signed request", "µs", 319),
    "L": Measured("lookup of a person in PostgreSQL, p50, 20 million subjects", "lookups",
                  "PostgreSQL, 20,000,000 subjects: lookup, p50", "µs", 210),
    "B": Measured("disk of a subject in PostgreSQL, with index: 1.1 reports each", "lookups",
                  "PostgreSQL, 20,000,000 subjects: disk", "B", 270),
    "M": Measured("memory of a subject in the hot index", "lookups", "Valkey, 100,000 subjects: memory", "B", 468),
    "I": Measured("reports renewed by one process in PostgreSQL, from a batch of lines", "ingesting",
                  "ingest to PostgreSQL from a batch of lines, replaced reports", "1/s", 59_700),
    "O": Measured("one-stop queries over HTTP, gateway and hub on one core", "one_stop",
                  "one-stop queries over HTTP, all nodes on one core", "1/s", None),
}  # fmt: skip

BY_HAND: Final[Mapping[str, tuple[float, str, str]]] = {
    "P": (
        1032,
        "B",
        "a passage with its sealed views, on disk: 8,000 of those of the benchmark `recording` in PostgreSQL 18",
    ),
    "Q": (254, "B", f"the same without views, after {VERDICT_KEPT.total_seconds() / 3600:.0f} hours"),
    "R": (441, "B", "a report's line in a batch, and some 65 bytes of it packed by zstd"),
}
"""Measured once, outside the benchmarks, with this version."""

ASSUMED: Final[Mapping[str, tuple[float, str]]] = {
    "busy": (0.5, "how far anything is loaded at the peak: above it waiting grows"),
    "scans": (3, "scans or displays a person a day"),
    "others": (0.1, "of all scans, those for which the hub is asked: codes of other regions, typed documents"),
    "renewed": (1, "how often a day a person's report changes"),
    "crowded": (3, "the busiest hour's reports over the mean"),
    "rest": (500, "µs of a hub's process for a query besides its signature and its lookup"),
    "wire": (4_000, "B of a scan on the wire, both ways, with TLS"),
    "bundle": (1_000_000, "B of a bundle; one may have 16 MiB"),
    "devices": (2_000_000, "devices of checkpoints in the nation"),
    "evidence": (600, "B of a person's tests, vaccinations, journeys in PostgreSQL: some three rows"),
    "room": (1.4, "disk over what tables hold: dead rows until they are vacuumed, log, temporary files"),
    "copies": (2, "a server and its standby"),
    "disk": (500, "GB of a PostgreSQL server's tables: what is restored in an hour at 140 MB/s"),
    "fan": (
        150,
        "entries of a page of PostgreSQL's index, over all its levels: fits the pages that were measured at four sizes",
    ),
    "memory": (0.75, "of `maxmemory` that entries fill"),
}

PROVINCE_PEOPLE: Final = 126_000_000
NATION_PEOPLE: Final = 1_400_000_000
PEAK: Final = 25_000
SECONDS_A_DAY: Final = 86_400
GIB: Final = 1 << 30
THOUSAND: Final = 1_000
HUNDRED_MILLION: Final = 100_000_000

Row = tuple[str, str, str]


def sizing_page() -> str:
    """Return the page."""
    known = _figures()
    lines = [
        "<!-- Made by `make docs` from `docs/sizing.py` and `docs/performance.json`: edit there. -->\n",
        "# Sizing\n",
        "What one province and the nation need, worked out on paper. Nothing of that size was run: what was run is one machine of",
        "[two cores](performance.md), and [twenty million subjects](performance.md) on it. Each sum is written out: put in your own numbers.",
        "What the parts are, and how they are set up: [deploying](deploying.md).\n",
        "## What the sums rest on\n",
        "Measured (`python -m benchmarks NAME`, told in [performance](performance.md)); *trial*: of a short run on a busy machine.\n",
        "| | what | value | from |",
        "|---|---|---|---|",
        *(f"| {name} | {each.words} | {_number(known[name][0])} {each.unit} | `{each.benchmark}`{known[name][1]} |"
          for name, each in MEASURED.items() if name in known),
        *(f"| {name} | {words} | {_number(value)} {unit} | measured once, by hand |" for name, (value, unit, words) in BY_HAND.items()),
        "\nAssumed; nobody has measured these for you:\n",
        "| | value | what |",
        "|---|---|---|",
        *(f"| *{name}* | {_number(value)} | {words} |" for name, (value, words) in ASSUMED.items()),
        "",
        *_province(known),
        *_nation(known),
        *_one_machine(known),
        *_limits(),
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def _province(known: Mapping[str, tuple[float, str]]) -> list[str]:
    v, i, m, b = (known[name][0] for name in "VIMB")
    busy, scans, wire, room, copies = (ASSUMED[name][0] for name in ("busy", "scans", "wire", "room", "copies"))
    people, p, q, r = PROVINCE_PEOPLE, BY_HAND["P"][0], BY_HAND["Q"][0], BY_HAND["R"][0]
    days = max(PASSAGE_KEPT.values()).days
    cores = PEAK / (v * busy)
    writers = PEAK / (i * busy)
    passages = people * scans
    with_views, without = passages * p / 1e9, passages * q * days / 1e9
    reports = people * b / 1e9
    disk = (with_views + without + reports) * room
    servers = math.ceil(disk / ASSUMED["disk"][0])
    entries = min(people, PEAK * ENTRY_SECONDS)
    return [
        "## One province\n",
        f"Guangdong: {_number(people)} people, {_number(PEAK)} displays or verifications a second (on 2022-01-10 its system failed at 23,300).\n",
        *_table(
            [
                ("gateway processes, one core each, verifications",
                 f"{_number(PEAK)} / (V {_number(v)} × *busy* {busy})", f"{_whole(cores)}"),
                ("the same, displays: two calls each (a ticket, a code), assumed to cost as much",
                 f"2 × {_number(cores)}", f"{_whole(2 * cores)}"),
                ("passages a day", f"{_number(people)} × *scans* {scans:.0f}", _number(passages)),
                ("their mean a second", f"{_number(passages)} / {SECONDS_A_DAY:,}", _number(passages / SECONDS_A_DAY)),
                ("rows to erase a second, mean: as many as come", f"{_number(passages)} / {SECONDS_A_DAY:,}", _number(passages / SECONDS_A_DAY)),
                ("PostgreSQL, cores that write passages; a passage is assumed to cost what a report does",
                 f"{_number(PEAK)} / (I {_number(i)} × *busy* {busy})", f"{_whole(writers)}"),
                ("disk, passages of the last day with views", f"{_number(passages)} × P {p:,.0f} B", _gb(with_views)),
                (f"disk, passages of {days} days (the longest that a kind of place keeps them) without",
                 f"{_number(passages)} × Q {q:,.0f} B × {days}", _gb(without)),
                ("disk, reports of the province's own people", f"{_number(people)} × B {_number(b)} B", _gb(reports)),
                ("disk, all", f"({_gb(with_views)} + {_gb(without)} + {_gb(reports)}) × *room* {room}", _gb(disk)),
                ("databases, each with a standby: passages are not distributed, so each is a gateway of some cities",
                 f"{_gb(disk)} / *disk* {ASSUMED['disk'][0]:.0f} GB", f"{servers} × {copies:.0f}"),
                ("outbox, the hub away until everybody's report has changed once (one row a person, however long)",
                 f"{_number(people)} × R {r:.0f} B", _gb(people * r / 1e9)),
                ("to catch up by one sender, while the hub takes nobody else's", f"{_number(people)} / I {_number(i)}",
                 f"{people / i / 3600:.1f} h"),
                (f"entries of the hot index: people of {ENTRY_SECONDS} seconds, each another",
                 f"{_number(PEAK)} × {ENTRY_SECONDS}", _number(entries)),
                ("memory of the index, masters", f"{_number(entries)} × M {_number(m)} B", _gb(entries * m / 1e9)),
                ("masters with `maxmemory` of `deploy/valkey.conf`, each with a replica",
                 f"{_gb(entries * m / 1e9)} / ({_gb(_max_memory())} × *memory* {ASSUMED['memory'][0]})",
                 f"{_whole(entries * m / 1e9 / (_max_memory() * ASSUMED['memory'][0]))} × 2"),
                ("network at the proxies", f"{_number(PEAK)} × *wire* {wire:,.0f} B × 8",
                 f"{PEAK * wire * 8 / 1e9:.1f} Gbit/s"),
            ]
        ),
    ]  # fmt: skip


def _nation(known: Mapping[str, tuple[float, str]]) -> list[str]:
    s, look, i, m, b = (known[name][0] for name in "SLIMB")
    busy, others, rest, renewed, crowded, room, copies = (
        ASSUMED[name][0] for name in ("busy", "others", "rest", "renewed", "crowded", "room", "copies")
    )
    people, r, fan = NATION_PEOPLE, BY_HAND["R"][0], ASSUMED["fan"][0]
    scans = PEAK * people / PROVINCE_PEOPLE
    queries = scans * others
    one, one_sum = 1e6 / (s + look + rest), f"1,000,000 / (S {_number(s)} + L {_number(look)} + *rest* {rest:.0f} µs)"
    if "O" in known:
        one, one_sum = known["O"][0], "O, a gateway's and a hub's part together"
    daily = people * renewed
    mean = daily / SECONDS_A_DAY
    reports, evidence = people * b / 1e9, people * ASSUMED["evidence"][0] / 1e9
    disk = (reports + evidence) * room
    servers = math.ceil(disk / ASSUMED["disk"][0])
    entries = min(people, queries * ENTRY_SECONDS)
    bundles = ASSUMED["devices"][0] * ASSUMED["bundle"][0] / 3600
    return [
        "## The nation\n",
        f"{_number(people)} people, every province at the same peak a head at the same moment. Scans are the provinces' (as above, each its own);",
        "the hub is asked for some of them, takes in every report, and is in the path of no verdict.\n",
        *_table(
            [
                ("scans a second, all provinces", f"{PEAK:,} × {_number(people)} / {_number(PROVINCE_PEOPLE)}", _number(scans)),
                ("queries a second at the hub", f"{_number(scans)} × *others* {others}", _number(queries)),
                ("queries of one core", one_sum, _number(one)),
                ("hub processes, one core each", f"{_number(queries)} / ({_number(one)} × *busy* {busy})",
                 f"{_whole(queries / (one * busy))}"),
                ("PostgreSQL, connections that look up, without any index before it",
                 f"{_number(queries)} × L {_number(look)} µs / *busy* {busy}", f"{_whole(queries * look / 1e6 / busy)}"),
                ("reports a second, mean", f"{_number(people)} × *renewed* {renewed:.0f} / {SECONDS_A_DAY:,}", _number(mean)),
                ("hub processes that take them in", f"{_number(mean)} × *crowded* {crowded:.0f} / (I {_number(i)} × *busy* {busy})",
                 f"{_whole(mean * crowded / (i * busy))}"),
                ("**disk of all reports, as measured, written out**", f"{people:,} × B {_number(b)} B", f"**{_gb(reports)}**"),
                ("disk of evidence", f"{_number(people)} × *evidence* {ASSUMED['evidence'][0]:.0f} B", _gb(evidence)),
                ("disk, all", f"({_gb(reports)} + {_gb(evidence)}) × *room* {room}", _gb(disk)),
                ("PostgreSQL servers, each with a standby", f"{_gb(disk)} / *disk* {ASSUMED['disk'][0]:.0f} GB", f"{servers} × {copies:.0f}"),
                (f"subjects of one of {PARTITIONS} partitions", f"{_number(people)} / {PARTITIONS}", _number(people / PARTITIONS)),
                ("pages that a lookup reads there: the levels of its index, and one of the table",
                 f"⌈ln({_number(people * 1.1 / PARTITIONS)}) / ln(*fan* {fan:.0f})⌉ + 1", f"{_pages(people, fan)}"),
                ("the same for 20 million subjects, to compare", f"⌈ln({_number(2e7 * 1.1 / PARTITIONS)}) / ln(*fan* {fan:.0f})⌉ + 1",
                 f"{_pages(20_000_000, fan)}"),
                ("bytes of one partition of reports", f"{_gb(reports)} / {PARTITIONS}", _gb(reports / PARTITIONS)),
                ("memory of an index that held everybody", f"{people:,} × M {_number(m)} B", _gb(people * m / 1e9)),
                (f"what it does hold: people of {ENTRY_SECONDS} seconds", f"{_number(queries)} × {ENTRY_SECONDS} × M {_number(m)} B",
                 _gb(entries * m / 1e9)),
                ("masters of `deploy/valkey.conf`, each with a replica",
                 f"{_gb(entries * m / 1e9)} / ({_gb(_max_memory())} × *memory* {ASSUMED['memory'][0]})",
                 f"{_whole(entries * m / 1e9 / (_max_memory() * ASSUMED['memory'][0]))} × 2"),
                ("network, reports in, unpacked", f"{_number(mean)} × R {r:.0f} B × 8", f"{mean * r * 8 / 1e6:.0f} Mbit/s"),
                ("bundles, once an hour to every device, from a CDN",
                 f"*devices* {_number(ASSUMED['devices'][0])} × *bundle* {_number(ASSUMED['bundle'][0])} B × 8 / 3,600",
                 f"{bundles * 8 / 1e9:.1f} Gbit/s"),
            ]
        ),
        f"Reports end {REPORT_KEPT.days} days after the moment that they speak of, and there is one a person and issuer: the table is bounded by the people,",
        "not by time. A retracted report is a row as before until then.\n",
    ]  # fmt: skip


def _pages(people: int, fan: float) -> int:
    return math.ceil(math.log(people * 1.1 / PARTITIONS) / math.log(fan)) + 1


def _one_machine(known: Mapping[str, tuple[float, str]]) -> list[str]:
    m, b = known["M"][0], known["B"][0]
    masters = 3 * _max_memory()
    held = masters * 1e9 * ASSUMED["memory"][0] / m
    cache = _postgres_gib("shared_buffers") + _postgres_gib("effective_cache_size")
    return [
        "## One machine of `deploy/`\n",
        *_table(
            [
                ("subjects whose index entries fit three masters",
                 f"3 × {_gb(_max_memory())} × *memory* {ASSUMED['memory'][0]} / M {_number(m)} B", _number(held)),
                (f"people a second whom that holds for {ENTRY_SECONDS} seconds", f"{_number(held)} / {ENTRY_SECONDS}", _number(held / ENTRY_SECONDS)),
                ("subjects whose reports stay in memory (`shared_buffers` and the system's cache, `deploy/postgresql.conf`)",
                 f"{cache:.0f} GiB / B {_number(b)} B", _number(cache * GIB / b)),
            ]
        ),
        "More than that is read from disk: a lookup touches as many pages as before (*bounded and flat* in [performance](performance.md)), at the disk's",
        "own pace for those that are not in memory.\n",
    ]  # fmt: skip


def _limits() -> list[str]:
    return [
        "## What the sums do not say\n",
        "- **A device stays at one process.** Sessions are kept in the memory of one process, so the proxy before several sends an address always to the same one",
        "  (`balance source` in `deploy/haproxy.cfg`, which names one); a device that comes to another must open a new session, at the price of a signed request (S).",
        "  So must every device of a process that was started again.",
        "- **A core is one of the machine that was measured.** Measure yours: `make bench`, then `make docs`.",
        "- **More than one PostgreSQL server** is a compatible cluster that distributes the partitioned tables by `subject` (Citus): the tables are made for it",
        "  ([ADR 38](adr/0038-postgresql-by-the-same-stores.md)), and it was not run. Passages have no subject and stay on one server: a province of this size gives",
        "  its cities gateways and databases of their own, by which the sums of the province are divided.",
        f"- **Bundles are files.** At most {BUNDLE_MAX_BYTES >> 20} MiB, signed, the same for everybody: any CDN, and no node, carries them to devices.",
        "- **Ten times the peak** is not sized for: nodes turn away what they cannot serve before they read it ([ADR 49](adr/0049-turned-away-before-parsing.md)).",
        f"- **Passages** are kept {_kept()} by kind of place; a province that keeps fewer needs less.",
        "- **Backups** are as large again as the tables, for each that is kept.",
    ]  # fmt: skip


def _kept() -> str:
    days = sorted({each.days for each in PASSAGE_KEPT.values()})
    return f"{days[0]} days" if len(days) == 1 else f"{days[0]} to {days[-1]} days"


def _figures() -> dict[str, tuple[float, str]]:
    """Return each measured value and what is to be said of where it is from."""
    told = json.loads((ROOT / "docs" / "performance.json").read_text(encoding="utf-8"))["benchmarks"]
    known: dict[str, tuple[float, str]] = {}
    for name, each in MEASURED.items():
        figures = {figure["name"]: figure["value"] for figure in told.get(each.benchmark, {}).get("figures", [])}
        if each.figure in figures:
            known[name] = (float(figures[each.figure]), "")
        elif each.trial is not None:
            known[name] = (each.trial, ", *trial*")
    return known


def _max_memory() -> float:
    """Return ``maxmemory`` of one server of the index, in GB."""
    return _setting("valkey.conf", r"^maxmemory (\d+)gb$") * GIB / 1e9


def _postgres_gib(setting: str) -> float:
    return _setting("postgresql.conf", rf"^{setting} = (\d+)GB$")


def _setting(file: str, form: str) -> float:
    found = re.search(form, (ROOT / "deploy" / file).read_text(encoding="utf-8"), re.MULTILINE)
    if found is None:
        raise LookupError(f"deploy/{file} has no line as {form}")
    return float(found[1])


def _table(rows: Sequence[Row]) -> list[str]:
    return ["| what | sum | comes to |", "|---|---|---|", *(f"| {' | '.join(row)} |" for row in rows), ""]


def _whole(value: float) -> str:
    return f"{math.ceil(value):,}"


def _number(value: float) -> str:
    """Return a number as people read it, to four digits at most."""
    if value >= HUNDRED_MILLION:
        return f"{value / 1e9:.4g}e9"
    if value >= THOUSAND:
        return f"{float(f'{value:.4g}'):,.0f}"
    return f"{value:.3g}"


def _gb(value: float) -> str:
    return f"{value / 1000:.3g} TB" if value >= THOUSAND else f"{value:.3g} GB"
