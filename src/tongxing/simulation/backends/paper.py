"""The dialect of the family ``paper``: a register of certificates, which knows whose each is and no status.

    POST query {certificateNo, requestId}
    → {resultCode, data: {certificateNo, issueTime, validTime, withdrawn, userName, personId}}

Whatever state the switchboard gives a person, their certificate stays as it is: paper is not told anything. One
whose last registration is a month old (``stale``) has ended.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from tongxing.regions.families.paper import ALL_IS_WELL, Field
from tongxing.simulation.backends.dialect import local_time
from tongxing.simulation.backends.one_query import OneQueryBackEnd, Told

VALID_FOR: Final = timedelta(days=30)


class PaperBackEnd(OneQueryBackEnd):
    """One back end of this dialect."""

    def asked_for(self, asked: Mapping[str, str]) -> str:
        """Return the certificate's number."""
        return asked.get(Field.NUMBER, "")

    def refuse_unknown(self) -> Mapping[str, object]:
        """Say that there is no such certificate."""
        return {Field.RETURN_CODE: "1001", "message": "证明不存在"}

    def answer(self, key: str, told: Told) -> Mapping[str, object]:
        """Tell whose certificate it is and how long it holds."""
        issued_at = told.refreshed_at
        data = {
            Field.NUMBER: key,
            Field.ISSUED_AT: local_time(issued_at),
            Field.VALID_UNTIL: local_time(None if issued_at is None else issued_at + VALID_FOR),
            Field.WITHDRAWN: False,
            Field.NAME: told.masked_name,
            Field.PERSON_REF: told.person_ref,
        }
        return {Field.RETURN_CODE: ALL_IS_WELL, "message": "成功", Field.DATA: data}
