"""The EU's test cases beside the repository: what each file labels, its trust list and its clock."""

import base64
import json
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from tongxing.core.foreign_codes import ForeignCheck, parse_checks
from tongxing.trust.dcc_signers import DccSigners, load_dcc_signers

ROOT: Final = Path(__file__).parents[2] / "shared" / "data" / "dcc"
FILES: Final = sorted(ROOT.glob("*/2DCode/raw/*.json"))
NO_DATA: Final = "NO DATA: the EU's test cases in shared/data/dcc are not beside the repository; none was verified"

_COUNTED: Final = frozenset({"UNPREFIX", "B45DECODE", "COMPRESSION", "VERIFY", "EXPIRATIONCHECK", "KEYUSAGE"})
_COUNTED_IN_COMMON: Final = _COUNTED | {"DECODE", "SCHEMAVALIDATION", "PICTUREDECODE"}


@dataclass(frozen=True)
class Sample:
    """One file. Which labels count: the issue, *Arrivals*; all of them in the cases of the specification."""

    path: Path

    @cached_property
    def _case(self) -> dict[str, Any]:
        case: dict[str, Any] = json.loads(self.path.read_text())
        return case

    @property
    def name(self) -> str:
        return f"{self.path.parents[2].name}-{self.path.stem}"

    @property
    def qr_text(self) -> str:
        return str(self._case["PREFIX"])

    @property
    def picture(self) -> bytes | None:
        drawn = self._case.get("2DCODE")
        return base64.b64decode(drawn) if drawn else None

    @property
    def labels(self) -> dict[ForeignCheck, bool]:
        """What is labelled and counts."""
        counted = _COUNTED_IN_COMMON if self.path.parents[2].name == "common" else _COUNTED
        told = {label.removeprefix("EXPECTED"): value for label, value in self._case["EXPECTEDRESULTS"].items()}
        return {ForeignCheck(label): value for label, value in told.items() if label in counted and value is not None}

    @property
    def checks(self) -> frozenset[ForeignCheck]:
        return parse_checks(self._case["EXPECTEDRESULTS"])

    @property
    def at(self) -> datetime:
        return datetime.fromisoformat(self._case["TESTCTX"]["VALIDATIONCLOCK"])

    @cached_property
    def signers(self) -> DccSigners:
        return load_dcc_signers([(None, self._case["TESTCTX"]["CERTIFICATE"])])


SAMPLES: Final = {sample.name: sample for sample in map(Sample, FILES)}
