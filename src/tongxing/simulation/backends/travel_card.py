"""The dialect of the family ``travel_card``: where a telephone was, in cities (facts, B and D).

    POST query {qrCode, requestId}  → {resultCode, data: {qrCode, travelCode, cities, updateTime, phone}}

The numbers are 1 green, 2 red, 3 yellow; whoever stays nowhere that is known has an incomplete card, 0.
"""

from collections.abc import Mapping

from tongxing.regions.families.travel_card import ALL_IS_WELL, Field
from tongxing.simulation.backends.dialect import local_time
from tongxing.simulation.backends.one_query import OneQueryBackEnd, Told

GREEN, INCOMPLETE = 1, 0


class TravelCardBackEnd(OneQueryBackEnd):
    """One back end of this dialect."""

    def asked_for(self, asked: Mapping[str, str]) -> str:
        """Return the QR text asked for."""
        return asked.get(Field.QR_TEXT, "")

    def refuse_unknown(self) -> Mapping[str, object]:
        """Say that there is no such card."""
        return {Field.RETURN_CODE: "1001", "message": "卡不存在"}

    def answer(self, key: str, told: Told) -> Mapping[str, object]:
        """Tell the city of the person's stay."""
        cities = [] if told.division is None else [{Field.CITY: f"{told.division[:4]}00"}]
        data = {
            Field.QR_TEXT: key,
            Field.TRAVEL_NUMBER: GREEN if cities or told.person is None else INCOMPLETE,
            Field.CITIES: cities,
            Field.REFRESHED_AT: local_time(told.refreshed_at),
            "phone": "139****0000",
        }
        return {Field.RETURN_CODE: ALL_IS_WELL, "message": "成功", Field.DATA: data}
