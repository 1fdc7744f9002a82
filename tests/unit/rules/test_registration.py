"""Nothing may depend on where a vehicle is registered (2022-04: no restriction by place of registration)."""

import msgspec

from tests.world import data_file
from tongxing.core.transit import Transit
from tongxing.recognition.stages import Scan
from tongxing.rules.inputs import INPUTS
from tongxing.rules.situations import Situation
from tongxing.wire.transit_pass import TransitPassClaims

NAMES_OF_REGISTRATION = ("plate", "regist", "vehicle", "licen", "transit", "route", "household", "车牌", "户籍")


def test_no_input_of_a_rule_table_names_a_vehicle_or_its_place_of_registration() -> None:
    """So that no table can: what a row may look at is a closed list."""
    fields = {field.name for field in msgspec.structs.fields(Situation)}
    for words in (*(each.name for each in INPUTS), *fields):
        assert not [name for name in NAMES_OF_REGISTRATION if name in words.lower()], words


def test_what_a_pass_says_of_the_vehicle_goes_to_views_and_not_to_the_scan() -> None:
    assert not {field.name for field in msgspec.structs.fields(Transit)} & {
        field.name for field in msgspec.structs.fields(Scan)
    }
    assert "plate" in {field.name for field in msgspec.structs.fields(TransitPassClaims)}


def test_no_shipped_table_speaks_of_plates() -> None:
    for name in ("national", "42", "45"):
        text = data_file("rules", f"{name}.toml").decode()
        assert not [word for word in ("plate", "车牌", "号牌", "registered vehicle") if word in text], name
