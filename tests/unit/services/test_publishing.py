"""Publishing: what breaks a law never comes into force, and no change is lost under another."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.contract.implementations import Stores, open_sqlite
from tests.fakes.access_stores import HandSetClock
from tests.world import AT, GUANGXI, HUBEI, PAIRS, ROOT, World, data_file, risk_section
from tongxing.core.errors import Refused
from tongxing.core.levels import Level
from tongxing.core.limits import BUNDLE_LIFE
from tongxing.core.problems import ProblemId
from tongxing.core.reports import OriginRisk
from tongxing.core.words import RegionId
from tongxing.recognition.knowledge import load_knowledge
from tongxing.rules.findings import FindingKind, RulesRefused
from tongxing.services.ports import BundleStore, HeldBundle
from tongxing.services.proving_in_process import InProcessProver
from tongxing.services.publishing import PublishingDesk, check_sections
from tongxing.trust.bundle import AcceptedBundle, accept_bundle, encode_files, parse_files
from tongxing.trust.directory import parse_directory

pytestmark = pytest.mark.anyio

PROVER = InProcessProver()

FLOOR, OWN, OTHER = data_file("rules", "national.toml"), data_file("rules", "45.toml"), data_file("rules", "42.toml")
ASKS_MORE = """
[[row]]
id = "asks_more"
when = {{ level = [{level}], origin_risk = [{origin}], fever = ["not_measured", "normal"] }}
outcome = "PASS_WITH_MEASURES"
measures = ["take_temperature"]
reason = "local_measures"
legal_basis = "试验"
evidence = "assumed"
"""
BELOW = OWN + ASKS_MORE.format(level='"low"', origin='"low"').encode()
TURNED = OWN + ASKS_MORE.format(level='"medium"', origin='"medium"').encode()
EXCEPTION = """
[[exception]]
id = "local"
when = {{ {when} }}
measures = ["take_temperature"]
why = {{ zh = "试验", en = "trial" }}
registrar = {{ zh = "试验", en = "trial" }}
legal_basis = "试验"
evidence = "assumed"
first_day = 2020-03-18
last_day = 2020-04-07
"""
LOW_FROM_LOW = EXCEPTION.format(when='level = ["low"], origin_risk = ["low"]').encode()
MEDIUM = EXCEPTION.format(when='level = ["medium"], origin_risk = ["low"]').encode()
BENIGN = OWN + "\n# 另一份，结论相同。\n".encode()


@dataclass
class Hub:
    """A hub's store and clock, and desks on it: more than one where processes compete."""

    stores: Stores
    clock: HandSetClock

    def desk(self, bundles: BundleStore | None = None) -> PublishingDesk:
        return PublishingDesk(
            bundles=bundles or self.stores.bundles,
            key=ROOT,
            verifier_secret=b"INSECURE_TEST_VERIFIERS",
            prover=PROVER,
            clock=self.clock,
        )

    async def newest(self) -> HeldBundle:
        held = await self.stores.bundles.latest()
        assert held is not None
        return held

    async def rules(self) -> dict[str, bytes]:
        data = (await self.newest()).data
        return parse_files(accept_bundle(data, held=None, roots=[ROOT.public], at=AT).sections["rules"])


async def publish_first(desk: PublishingDesk, rules: dict[str, bytes] | None = None) -> AcceptedBundle:
    world = World()
    return await desk.publish_first(world.directory(), world.profiles, rules or world.rules, risk_section())


async def publish(desk: PublishingDesk, file_name: str, table: bytes) -> AcceptedBundle:
    return await desk.publish_rules(await desk.prove_rules({file_name: table}))


@pytest.fixture
async def hub(tmp_path: Path) -> AsyncIterator[Hub]:
    """A hub that has published bundle 1."""
    made = Hub(await open_sqlite(tmp_path), HandSetClock(AT))
    await publish_first(made.desk())
    yield made
    await made.stores.aclose()


async def check_refused(hub: Hub, publishing: Awaitable[object], kind: FindingKind) -> RulesRefused:
    """Check that a table is refused with a counter-example and that what is in force stays."""
    before = await hub.newest()
    with pytest.raises(RulesRefused) as refused:
        await publishing
    assert refused.value.problem is ProblemId.RULES_REFUSED
    assert refused.value.finding.kind is kind
    assert await hub.newest() == before
    return refused.value


async def test_a_bundle_can_be_taken_up_by_every_region_that_takes_part(hub: Hub) -> None:
    held = await hub.newest()
    bundle = accept_bundle(held.data, held=None, roots=[ROOT.public], at=AT)
    assert (bundle.number, bundle.expires_at - bundle.issued_at) == (1, BUNDLE_LIFE)
    for region in (HUBEI, GUANGXI):
        knowledge = load_knowledge(bundle, host=region, sealing_pair=PAIRS[region])
        days = (bundle.issued_at.date(), (bundle.expires_at - timedelta(seconds=1)).date())
        assert all(knowledge.verifier_key_on(day) for day in days)


async def test_a_table_below_the_floor_is_refused_with_its_counter_example(hub: Hub) -> None:
    """Law 5."""
    refused = await check_refused(hub, publish(hub.desk(), "45.toml", BELOW), FindingKind.BELOW_FLOOR)
    situation = refused.finding.situation
    assert (situation.level, situation.origin_risk) == (Level.LOW, OriginRisk.LOW)
    assert refused.finding.sentence.en in refused.detail
    assert "owes a plain PASS" in refused.detail


async def test_a_registered_exception_lets_a_table_ask_for_more_while_it_lasts(hub: Hub) -> None:
    bundle = await publish(hub.desk(), "45.toml", OWN + LOW_FROM_LOW)
    assert parse_files(bundle.sections["rules"])["45.toml"] == OWN + LOW_FROM_LOW


async def test_an_exception_that_has_ended_covers_nothing_after_it(hub: Hub) -> None:
    publishing = publish(hub.desk(), "45.toml", BELOW + LOW_FROM_LOW)
    refused = await check_refused(hub, publishing, FindingKind.BELOW_FLOOR)
    assert refused.finding.day == date(2020, 4, 8)


async def test_a_needless_exception_is_refused(hub: Hub) -> None:
    publishing = publish(hub.desk(), "45.toml", OWN + MEDIUM)
    await check_refused(hub, publishing, FindingKind.NEEDLESS_EXCEPTION)


async def test_a_table_in_which_more_danger_fares_better_is_refused(hub: Hub) -> None:
    await check_refused(hub, publish(hub.desk(), "45.toml", TURNED), FindingKind.LEVEL_NOT_MONOTONE)


async def test_a_floor_raised_above_a_regions_table_is_refused(hub: Hub) -> None:
    """The floor is published like a table; each region's table is proved against it anew."""
    later = b'first_day = 2021-03-23\noverrides = ["origin_high", "origin_mixed", "origin_unknown"]'
    earlier = later.replace(b"2021-03-23", b"2020-03-23").replace(b"[", b'["level_medium", "origin_medium", ', 1)
    assert later in FLOOR
    raised = FLOOR.replace(later, earlier)
    await check_refused(hub, publish(hub.desk(), "national.toml", raised), FindingKind.BELOW_FLOOR)


async def test_a_floor_that_asks_the_same_can_be_published(hub: Hub) -> None:
    bundle = await publish(hub.desk(), "national.toml", FLOOR + b"\n# again\n")
    assert parse_files(bundle.sections["rules"])["national.toml"].endswith(b"# again\n")


@pytest.mark.parametrize("rules", [{"45.toml": OWN}, {**World().rules, "x.toml": OWN}, {"national.toml": b""}])
async def test_a_federation_is_not_founded_on_unreadable_rules(tmp_path: Path, rules: dict[str, bytes]) -> None:
    hub = Hub(await open_sqlite(tmp_path), HandSetClock(AT))
    with pytest.raises(Refused) as refused:
        await publish_first(hub.desk(), rules)
    assert refused.value.problem is ProblemId.RULES_REFUSED
    assert await hub.stores.bundles.latest() is None
    await hub.stores.aclose()


async def test_a_federation_cannot_be_founded_below_its_own_floor(tmp_path: Path) -> None:
    hub = Hub(await open_sqlite(tmp_path), HandSetClock(AT))
    with pytest.raises(RulesRefused):
        await publish_first(hub.desk(), {**World().rules, "45.toml": BELOW})
    assert await hub.stores.bundles.latest() is None
    await hub.stores.aclose()


@pytest.mark.parametrize(
    ("region", "table"),
    [
        (GUANGXI, OTHER),
        (HUBEI, OWN),
        (GUANGXI, FLOOR),
        (RegionId("national"), OWN),
        (RegionId("11"), FLOOR),
    ],
)
async def test_a_table_under_another_regions_name_is_refused(hub: Hub, region: RegionId, table: bytes) -> None:
    before = await hub.newest()
    with pytest.raises(Refused) as refused:
        await publish(hub.desk(), f"{region}.toml", table)
    assert refused.value.problem is ProblemId.RULES_REFUSED
    assert f"{region}.toml holds the table of region" in refused.value.detail
    assert await hub.newest() == before


@pytest.mark.parametrize("table", [b"", b"\xff", b"[table]", b"row = 1", OWN[:300]], ids=repr)
async def test_a_table_that_cannot_be_read_is_refused(hub: Hub, table: bytes) -> None:
    before = await hub.newest()
    with pytest.raises(Refused) as refused:
        await publish(hub.desk(), "45.toml", table)
    assert refused.value.problem is ProblemId.RULES_REFUSED
    assert await hub.newest() == before


@pytest.mark.parametrize(
    ("section", "data", "problem"),
    [
        ("directory", b"\xff", ProblemId.BUNDLE_REFUSED),
        ("risk", b"\xff", ProblemId.RISK_LIST_REFUSED),
        ("profiles", encode_files({"42.toml": b"\xff"}), ProblemId.PROFILE_REFUSED),
        (
            "profiles",
            encode_files({"42.toml": data_file("profiles", "42.toml"), "again.toml": data_file("profiles", "42.toml")}),
            ProblemId.PROFILE_REFUSED,
        ),
    ],
    ids=["directory", "risk", "profile", "two profiles of one code"],
)
async def test_every_other_section_is_read_before_it_is_published(
    hub: Hub, section: str, data: bytes, problem: ProblemId
) -> None:
    sections = accept_bundle((await hub.newest()).data, held=None, roots=[ROOT.public], at=AT).sections
    check_sections(sections)
    with pytest.raises(Refused) as refused:
        check_sections({**sections, section: data})
    assert refused.value.problem is problem


async def test_each_bundle_follows_the_one_before_and_changes_what_was_asked_alone(hub: Hub) -> None:
    first = accept_bundle((await hub.newest()).data, held=None, roots=[ROOT.public], at=AT)
    hub.clock.move(timedelta(hours=1))
    record = replace(parse_directory(first.sections["directory"]).records[HUBEI], suspended=True)
    second = await hub.desk().publish_record(record)
    data = (await hub.newest()).data
    assert accept_bundle(data, held=first, roots=[ROOT.public], at=hub.clock.now()) == second
    assert parse_directory(second.sections["directory"]).records[HUBEI].suspended
    changed = {name for name in second.sections if second.sections[name] != first.sections[name]}
    assert changed == {"directory", "verifier_keys"}


async def test_a_suspended_region_is_sealed_no_verifier_keys(hub: Hub) -> None:
    first = accept_bundle((await hub.newest()).data, held=None, roots=[ROOT.public], at=AT)
    record = replace(parse_directory(first.sections["directory"]).records[HUBEI], suspended=True)
    bundle = await hub.desk().publish_record(record)
    assert load_knowledge(bundle, host=HUBEI, sealing_pair=PAIRS[HUBEI]).verifier_keys == {}
    assert load_knowledge(bundle, host=GUANGXI, sealing_pair=PAIRS[GUANGXI]).verifier_keys != {}


async def test_published_again_the_same_content_is_younger_with_the_coming_days_keys(hub: Hub) -> None:
    first = accept_bundle((await hub.newest()).data, held=None, roots=[ROOT.public], at=AT)
    hub.clock.move(timedelta(days=3))
    second = await hub.desk().publish_again()
    assert (second.number, second.issued_at) == (2, AT + timedelta(days=3))
    of_old, of_new = (load_knowledge(bundle, host=HUBEI, sealing_pair=PAIRS[HUBEI]) for bundle in (first, second))
    shared = of_old.verifier_keys.keys() & of_new.verifier_keys.keys()
    assert len(shared) == 6
    assert all(of_old.verifier_keys[day].raw == of_new.verifier_keys[day].raw for day in shared)


async def test_a_federation_is_founded_once(hub: Hub) -> None:
    with pytest.raises(Refused) as refused:
        await publish_first(hub.desk())
    assert (refused.value.problem, refused.value.detail) == (
        ProblemId.CONFLICT,
        "the federation has a bundle already",
    )
    assert (await hub.newest()).number == 1


async def test_nothing_can_be_changed_before_the_first_bundle(tmp_path: Path) -> None:
    hub = Hub(await open_sqlite(tmp_path), HandSetClock(AT))
    with pytest.raises(Refused) as refused:
        await hub.desk().publish_again()
    assert refused.value.problem is ProblemId.NOT_FOUND
    await hub.stores.aclose()


@dataclass
class Interrupted:
    """A bundle store; right after the newest bundle was read for the first time, something else happens."""

    bundles: BundleStore
    meanwhile: Callable[[], Awaitable[object]] | None

    async def save(self, number: int, digest: bytes, data: bytes) -> None:
        await self.bundles.save(number, digest, data)

    async def latest(self) -> HeldBundle | None:
        held = await self.bundles.latest()
        happening, self.meanwhile = self.meanwhile, None
        if happening is not None:
            await happening()
        return held

    async def get(self, number: int) -> HeldBundle | None:
        return await self.bundles.get(number)


async def test_of_two_desks_that_publish_the_same_number_one_is_refused_and_no_change_is_lost(hub: Hub) -> None:
    """While one process reads, another publishes: the first must begin again from what is in force now."""
    other = hub.desk()
    late = hub.desk(Interrupted(hub.stores.bundles, lambda: publish(other, "45.toml", BENIGN)))
    hub.clock.move(timedelta(seconds=1))
    with pytest.raises(Refused) as refused:
        await late.publish_again()
    assert refused.value.problem is ProblemId.CONFLICT
    assert (await hub.newest()).number == 2
    assert (await late.publish_again()).number == 3
    assert (await hub.rules())["45.toml"] == BENIGN


async def test_of_many_changes_at_once_each_is_in_force_or_was_refused(hub: Hub) -> None:
    tables = {GUANGXI: BENIGN, HUBEI: OTHER + b"\n# again\n"}
    desks = {region: hub.desk() for region in tables}
    told = await asyncio.gather(
        *(publish(desks[region], f"{region}.toml", table) for region, table in tables.items()), return_exceptions=True
    )
    rules = await hub.rules()
    for (region, table), answer in zip(tables.items(), told, strict=True):
        taken = isinstance(answer, AcceptedBundle)
        assert taken or (isinstance(answer, Refused) and answer.problem is ProblemId.CONFLICT)
        assert (rules[f"{region}.toml"] == table) is taken
