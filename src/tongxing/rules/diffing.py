"""Diffing: which people two versions of the rules treat differently, found by the solver and shown by example.

Nothing is sampled: each place whose tables differ is encoded with both stacks and the days on which either says
something new, and the solver is asked for somebody whom they tell different things, then for another whose pair
of rows was not yet met, until there is nobody left or enough has been told. Texts, ids, legal bases and rows that
decide nothing make no difference. Spec: issue "rules", *Rule tables*: a diff is semantic.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import islice

from tongxing.core.causes import CAUSES
from tongxing.core.checkpoints import Fever
from tongxing.core.reports import OriginRisk
from tongxing.core.words import FEDERATION, PlaceKind, RegionId
from tongxing.rules.book import RuleBook
from tongxing.rules.deciding import CompiledRules
from tongxing.rules.differences import Difference, Said, UncheckedPlace
from tongxing.rules.encoding import Counter, Encoding, PlacedRow
from tongxing.rules.rows import Days
from tongxing.rules.tables import RuleTable

Place = tuple[RegionId, str]
"""A region, and one of its sites or none."""

_DAY = timedelta(days=1)


def diff_books(before: RuleBook, after: RuleBook, since: date, at_most: int) -> tuple[Difference, ...]:
    """Return at most ``at_most`` differences from ``since`` on, the earliest of each place first.

    A place that only follows another (a city its province) is told of where more than that changes there.
    Raises ``ProofTooLarge`` for tables whose comparison is more work than ``WORK_MAX``.
    """
    return tuple(islice(_diff_places(before, after, since), at_most))


def _diff_places(before: RuleBook, after: RuleBook, since: date) -> Iterator[Difference]:
    told: set[tuple[date, Said | None, Said | None]] = set()
    for region, site in _changed_places(before, after):
        for difference in _diff_place(before, after, since, (region, site)):
            name = difference.day, difference.before, difference.after
            if name not in told:
                yield difference
            told.add(name)


def _changed_places(before: RuleBook, after: RuleBook) -> list[Place]:
    """Return the places whose tables, or those under them, are others: the federation first, then by their number."""
    changed = {
        place
        for place in before.versions.keys() | after.versions.keys()
        if before.versions.get(place) != after.versions.get(place)
    }
    everywhere = before.versions.keys() | after.versions.keys()
    touched = {place for place in everywhere if any(_stands_on(place, other) for other in changed)}
    return sorted(touched, key=lambda place: (len(place[0]) if place[0] != FEDERATION else 0, place))


def _stands_on(place: Place, other: Place) -> bool:
    region, site = place
    if other in (place, (FEDERATION, "")):
        return True
    return other[1] == "" and region.startswith(other[0]) and (bool(site) or other[0] != region)


def _diff_place(before: RuleBook, after: RuleBook, since: date, place: Place) -> Iterator[Difference]:
    days = days_of_change((before, after), place, since)
    yield from _diff_unchecked(before, after, days, place)
    old, new = (place_rows(book, place, days) for book in (before, after))
    encoding = Encoding(days, new, old)
    decided, owed = encoding.decided, encoding.owed
    differing = [
        encoding.all_of(now, then)
        for answer, now in decided.told.items()
        for known, then in owed.told.items()
        if answer != known
    ]
    differing += [encoding.all_of(decided.undecided, encoding.none_of(owed.undecided))]
    differing += [encoding.all_of(owed.undecided, encoding.none_of(decided.undecided))]
    goals = [encoding.goal(encoding.any_of(differing))]
    while (found := encoding.find(goals)) is not None:
        rows = [_fired(stack, found, days) for stack in (new, old)]
        now, then = rows
        yield Difference(place[0], place[1], found.day, found.one, _said(old, then), _said(new, now))
        met = [
            deciding.undecided if position is None else deciding.fires[position]
            for deciding, position in ((decided, now), (owed, then))
        ]
        goals.append(encoding.goal(encoding.none_of(*met)))


def _fired(stack: Sequence[PlacedRow], found: Counter, days: Sequence[date]) -> int | None:
    span = days.index(found.day)
    return next(
        (place for place, placed in enumerate(stack) if span in placed.spans and placed.row.conditions.fit(found.one)),
        None,
    )


def _said(stack: Sequence[PlacedRow], position: int | None) -> Said | None:
    if position is None:
        return None
    placed = stack[position]
    return Said(placed.name, placed.row.outcome, placed.row.measures)


def _diff_unchecked(before: RuleBook, after: RuleBook, days: Sequence[date], place: Place) -> Iterator[Difference]:
    region, site = place
    told: set[UncheckedPlace] = set()
    for day in days:
        old, new = (CompiledRules(book.stack_on(region, day, site), day) for book in (before, after))
        for kind in PlaceKind:
            for risk in OriginRisk:
                example = UncheckedPlace(kind, risk)
                then, now = (rules.decide_unchecked(kind, Fever.NOT_MEASURED, risk) for rules in (old, new))
                if (then is None) is (now is None) or example in told:
                    continue
                told.add(example)
                said = [None if each is None else Said(each.row, each.outcome) for each in (then, now)]
                yield Difference(region, site, day, example, *said)


def days_of_change(books: Sequence[RuleBook], place: Place, since: date) -> tuple[date, ...]:
    """Return ``since`` and the later days on which any of ``books`` may say something new at a place."""
    spans: list[Days] = []
    for book in books:
        for other in _below(place):
            for table in book.versions.get(other, ()):
                spans.extend(_spans_of(table))
    days = {span.first for span in spans} | {span.last + _DAY for span in spans if span.last is not None}
    days |= {entry.since for cause in CAUSES.values() for entry in cause.levels}
    return (since, *sorted(day for day in days if day > since))


def _below(place: Place) -> tuple[Place, ...]:
    region, site = place
    places = {(region, site), (region, ""), (RegionId(region[:2]), ""), (FEDERATION, "")}
    return tuple(sorted(places))


def _spans_of(table: RuleTable) -> Iterator[Days]:
    yield table.days
    yield from (row.days for row in table.rows)
    yield from (entry.row.days for entry in table.exceptions)
    yield from (row.days for row in table.not_checked)


def place_rows(book: RuleBook, place: Place, days: Sequence[date]) -> tuple[PlacedRow, ...]:
    """Return the rows that hold at a place in any of the spans that begin with ``days``, in the order of deciding."""
    region, site = place
    held: dict[tuple[int, date], tuple[RuleTable, set[int]]] = {}
    for span, day in enumerate(days):
        stack = book.stack_on(region, day, site)
        for depth, table in enumerate(reversed(stack)):
            # Counted from the national table up, so that a table that comes or goes moves no other one.
            local = depth if site == "" else depth + (table.site != "")
            held.setdefault((-local, table.days.first), (table, set()))[1].add(span)
    placed = []
    for _, (table, spans) in sorted(held.items(), key=lambda entry: entry[0]):
        rows = [(entry.row, True) for entry in table.exceptions] + [(row, False) for row in table.rows]
        for row, by_exception in rows:
            in_force = frozenset(span for span in spans if row.days.holds(days[span]))
            if in_force:
                placed.append(PlacedRow(table.public_name(row.id), row, in_force, own=True, by_exception=by_exception))
    return tuple(placed)
