"""What a federation is founded on: the profiles of its own regions, however many ship."""

from tests.unit.regions.samples import EVERY_PACKAGED
from tongxing.core.words import RegionId
from tongxing.simulation.founding import KNOWN_BESIDE, REGIONS, profiles_of


def test_a_bundle_holds_the_profiles_of_its_own_regions_and_not_all_that_ship() -> None:
    assert {name.removesuffix(".toml") for name in profiles_of(REGIONS)} == {*REGIONS, *KNOWN_BESIDE}
    assert len(profiles_of(REGIONS)) < len(EVERY_PACKAGED)
    assert set(profiles_of((RegionId("66"),))) == {"66.toml", "44.toml", "4401.toml"}
