"""The matrix of a day as one page of Markdown: made whole from the matrix and nothing else.

Regions that show the same, and hosts that answer the same, stand together: what differs is the page's content,
and every pair can be read from it. The page holds no clock and no machine, so that the same profiles and rules
give the same bytes.
"""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Final

from tongxing.core.levels import Level, Standing
from tongxing.core.reasons import citizen_sentence
from tongxing.core.verdicts import MEASURE_WORDS, OUTCOME_WORDS, Outcome
from tongxing.core.words import PlaceKind, RegionId
from tongxing.recognition.matrix import Answer, Matrix, Party, Telling
from tongxing.recognition.matrix_words import say_status, say_telling
from tongxing.regions.profile import OWN_CODE_WAYS
from tongxing.regions.rendering import LOSS_WORDS, Loss, Rendered
from tongxing.rules.inputs import INPUT

DAYS_SHOWN: Final = (date(2020, 3, 21), date(2021, 3, 23), date(2022, 7, 1))
"""The days whose pages stand in the docs and name one another."""

ASSUMPTIONS: Final = """\
- **Everybody is alike but for the code**: the source answered just now, other regions were consulted and said nothing
  else, the person's stay is known to the county and that is at low risk, no temperature was taken, no proof was asked
  for or shown, no rules of a group apply. Another origin, proof or group can change what a row says.
- **One reason word at a time**: where a source tells several, the worst of their levels counts.
- **The code is read**: the outcomes are of places that read codes. Where that is not so stands above.
- **What is shown** is the host's own status for the same cause. People see it in the host's own code if the host takes
  part by way 1 or 2; otherwise it is a word of its records. The cause decides the outcome, never what is shown.
- **Regions without a rule table of their own** follow the national one, and cities their province's.
"""


def name_page(on: date) -> str:
    """Return the name of a day's page."""
    return f"matrix-{on}.md"


def make_page(matrix: Matrix, command: str) -> str:
    """Return the page; ``command`` is what makes it."""
    others = ", ".join(f"[{day}]({name_page(day)})" for day in DAYS_SHOWN if day != matrix.on)
    lines = [
        "<!-- Made by the command below from profiles and rules; not to be edited. -->\n",
        f"# Who accepts whose code as what on {matrix.on}\n",
        f"Other days: {others}. Made by\n",
        f"```sh\n{command}\n```\n",
        *_summary(matrix),
        *_unread(matrix),
        *_told(matrix),
        *_outcomes(matrix),
        *_renderings(matrix),
        *_reasons(matrix),
        "## What is assumed\n",
        ASSUMPTIONS,
    ]
    return "\n".join(lines).rstrip() + "\n"


def best_outcomes(matrix: Matrix, kind: PlaceKind) -> Counter[Outcome | None]:
    """Count the pairs by what the issuer's most favourable status gives at the host; None where it had no code yet."""
    counted: Counter[Outcome | None] = Counter()
    for issuer in matrix.parties:
        usable = [shown.telling for shown in issuer.shown if shown.telling.level is not None]
        best = min(usable, key=lambda telling: (telling.level or Level.HIGH).rank, default=None)
        for host in matrix.parties:
            if host.region != issuer.region:
                answers = None if best is None else matrix.receptions[host.region, best].answers
                counted[None if answers is None else answers[kind].outcome] += 1
    return counted


def _summary(matrix: Matrix) -> Iterator[str]:
    rows = list(matrix.rows())
    provinces = sum(len(party.region) == 2 for party in matrix.parties)  # noqa: PLR2004 - digits of a province
    yield (
        f"{len(matrix.parties)} regions, {len(matrix.parties) - provinces} of them cities: {matrix.pairs:,} ordered "
        f"pairs, {provinces * (provinces - 1):,} of them between province-level units. What each code can say, each "
        f"status alone and with each of its reason words, gives {len(rows):,} cases, each at {len(PlaceKind)} kinds of "
        "place. "
        "`--csv` or `--json` in the place of `--page docs` prints every case, `--from 42 --to 45` one pair.\n"
    )
    yield "By pairs, of the most favourable status that the issuer's code has:\n"
    headings = [OUTCOME_WORDS[outcome].en for outcome in Outcome]
    yield _head(("kind of place", *headings, "no code yet"))
    for kind in PlaceKind:
        counted = best_outcomes(matrix, kind)
        yield _line((_kind(kind), *(f"{counted[outcome]:,}" for outcome in (*Outcome, None))))
    yield "\nBy cases:\n"
    yield _head(("kind of place", *headings))
    for kind in PlaceKind:
        cases = Counter(row.reception.answers[kind].outcome for row in rows)
        yield _line((_kind(kind), *(f"{cases[outcome]:,}" for outcome in Outcome)))
    yield ""


def _unread(matrix: Matrix) -> Iterator[str]:
    yield "## Where no code is read\n"
    if not matrix.unread:
        yield "Nowhere: codes are read at every kind of place.\n"
        return
    grouped: dict[tuple[PlaceKind, str], list[RegionId]] = defaultdict(list)
    for (host, kind), row in matrix.unread.items():
        grouped[kind, row].append(host)
    yield "In low-risk areas everybody passes here without a code; the outcomes below are of all other areas.\n"
    yield _head(("kind of place", "at", "by the row"))
    for (kind, row), hosts in grouped.items():
        yield _line((_kind(kind), _name_hosts(matrix, hosts), f"`{row}`"))
    yield ""


def _told(matrix: Matrix) -> Iterator[str]:
    yield "## What codes say\n"
    yield (
        "A status is translated to the cause behind it. Where the source tells nothing but a colour, the worst cause "
        "under that colour counts. The reason word that is told with a status stands behind it.\n"
    )
    yield _head(("a host is told", "by the status", "of the code of"))
    for telling in _tellings(matrix):
        shown_by: dict[str, list[RegionId]] = defaultdict(list)
        for party in matrix.parties:
            for shown in party.shown:
                if shown.telling == telling:
                    said = say_status(shown.label, shown.colour).en
                    shown_by[said if shown.told is None else f"{said}, `{shown.told}`"].append(party.region)
        first = say_telling(telling).en
        for said, regions in shown_by.items():
            yield _line((first, said, _names(matrix, regions)))
            first = ""
    yield ""
    bare = [party.region for party in matrix.parties if not party.has_own_code]
    if bare:
        yield f"Without a code of their own, people show the national code: {_names(matrix, bare)}."
    none = [party.region for party in matrix.parties if not party.shown]
    if none:
        yield f"No code yet: {_names(matrix, none)}."
    yield ""


def _outcomes(matrix: Matrix) -> Iterator[str]:
    yield "## What comes of it\n"
    yield "Hosts that answer alike stand together.\n"
    yield _head(("a host is told", "at", "kind of place", "outcome", "reason", "asked", "row"))
    alike: dict[Hashable, list[Telling]] = defaultdict(list)
    for telling in _tellings(matrix):
        alike[_by_answer(matrix, telling)].append(telling)
    for tellings in alike.values():
        first = "<br>".join(say_telling(telling).en for telling in tellings)
        for _answers, hosts in _by_answer(matrix, tellings[0]):
            for answer, kinds in matrix.receptions[hosts[0], tellings[0]].kinds_alike().items():
                asked = "; ".join(MEASURE_WORDS[measure].en for measure in answer.measures)
                row = "" if answer.row is None else f"`{answer.row}`{' (exception)' if answer.by_exception else ''}"
                outcome = OUTCOME_WORDS[answer.outcome].en
                at = _name_hosts(matrix, hosts)
                yield _line((first, at, _say_kinds(kinds), outcome, f"`{answer.reason}`", asked, row))
                first = ""
    yield ""


def _renderings(matrix: Matrix) -> Iterator[str]:
    yield "## As what it is shown\n"
    yield (
        "The host's own status for the same cause, never one whose own level is lower, and what it no longer tells. "
        f"{_shown_where(matrix)}\n"
    )
    yield _head(("a host is told", "it is shown as", "at", "lost"))
    for telling in _tellings(matrix):
        shown_as: dict[tuple[str, tuple[Loss, ...]], list[RegionId]] = defaultdict(list)
        for host in matrix.parties:
            rendered = matrix.receptions[host.region, telling].rendered
            shown_as[_say_rendered(rendered), rendered.losses].append(host.region)
        first = say_telling(telling).en
        for (label, losses), hosts in sorted(shown_as.items(), key=lambda item: -len(item[1])):
            lost = ", ".join(f"`{loss}`" for loss in losses)
            yield _line((first, label, _name_hosts(matrix, hosts), lost))
            first = ""
    yield ""


def _shown_where(matrix: Matrix) -> str:
    kept = [party.region for party in matrix.parties if not OWN_CODE_WAYS.intersection(party.ways)]
    return f"On no code of their own, but in their records: {_names(matrix, kept)}." if kept else ""


def _reasons(matrix: Matrix) -> Iterator[str]:
    rows = list(matrix.rows())
    given = Counter(answer.reason for row in rows for answer in row.reception.answers.values())
    lost = Counter(loss for row in rows for loss in row.reception.rendered.losses)
    yield "## Every reason, as the person is told it\n"
    yield _head(("reason", "中文", "English", "cases"))
    for reason in sorted(given):
        words = citizen_sentence(reason)
        yield _line((f"`{reason}`", words.zh, words.en, f"{given[reason]:,}"))
    yield "\n## Every loss\n"
    yield _head(("loss", "中文", "English", "cases"))
    for loss in Loss:
        yield _line((f"`{loss}`", LOSS_WORDS[loss].zh, LOSS_WORDS[loss].en, f"{lost[loss]:,}"))
    yield ""


def _tellings(matrix: Matrix) -> Sequence[Telling]:
    """Return every telling, the current ones by level first, causes before mere colours."""
    found = {shown.telling for party in matrix.parties for shown in party.shown}
    return sorted(found, key=_order)


def _order(telling: Telling) -> tuple[int, int, bool, str]:
    rank = 0 if telling.level is None else telling.level.rank
    return list(Standing).index(telling.standing), rank, telling.colour_only, telling.cause or ""


def _by_answer(
    matrix: Matrix, telling: Telling
) -> tuple[tuple[tuple[tuple[PlaceKind, Answer], ...], tuple[RegionId, ...]], ...]:
    """Return the hosts by what they answer at each kind of place; those that most answer stand first."""
    grouped: dict[tuple[tuple[PlaceKind, Answer], ...], list[RegionId]] = defaultdict(list)
    for host in matrix.parties:
        grouped[tuple(matrix.receptions[host.region, telling].answers.items())].append(host.region)
    in_order = sorted(grouped.items(), key=lambda item: -len(item[1]))
    return tuple((answers, tuple(hosts)) for answers, hosts in in_order)


def _say_rendered(rendered: Rendered) -> str:
    if rendered.label is None or rendered.colour is None:
        return "not shown"
    return say_status(rendered.label, rendered.colour).en


def _kind(kind: PlaceKind) -> str:
    return INPUT["place_kind"].values[kind].en


def _say_kinds(kinds: Sequence[PlaceKind]) -> str:
    return "every kind" if len(kinds) == len(PlaceKind) else ", ".join(map(_kind, kinds))


def _names(matrix: Matrix, regions: Iterable[RegionId]) -> str:
    names: Mapping[RegionId, Party] = {party.region: party for party in matrix.parties}
    return ", ".join(names[region].name.en for region in regions)


def _name_hosts(matrix: Matrix, hosts: Sequence[RegionId]) -> str:
    """Name hosts by whichever is shorter: themselves, or the others."""
    others = [party.region for party in matrix.parties if party.region not in hosts]
    if not others:
        return "everywhere"
    if len(others) < len(hosts):
        return f"everywhere but {_names(matrix, others)}"
    return _names(matrix, hosts)


def _head(cells: Sequence[str]) -> str:
    return f"{_line(cells)}\n|{'---|' * len(cells)}"


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
