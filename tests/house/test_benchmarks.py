"""Each benchmark runs and gives well-formed figures; what they are is measured by ``make bench``, never asserted."""

import math

import msgspec
import pytest

from benchmarks.__main__ import BENCHMARKS, draw_table, encode_results
from benchmarks.figures import TINY, Figure, Result, percentile, quartiles
from benchmarks.load import LoadFailed, LoadGenerator
from benchmarks.machine import RESULTS
from benchmarks.processes import free_port


@pytest.mark.parametrize("name", BENCHMARKS)
def test_each_benchmark_runs_and_gives_every_figure_beside_a_baseline(name: str) -> None:
    RESULTS.mkdir(exist_ok=True)
    result = BENCHMARKS[name](TINY)
    assert result.benchmark == name
    assert result.figures
    assert len({figure.name for figure in result.figures}) == len(result.figures)
    for figure in result.figures:
        assert all((figure.name, figure.unit, figure.baseline_name))
        assert math.isfinite(figure.value)
        assert figure.baseline > 0
    assert draw_table([result]).row_count == len(result.figures)
    written = msgspec.json.decode(encode_results([result], "a command"))
    assert {"command", "commit", "machine", "benchmarks", "measured_at"} == written.keys()
    assert [figure["name"] for figure in written["benchmarks"][name]["figures"]] == [
        figure.name for figure in result.figures
    ]


def test_a_figure_tells_its_ratio_to_the_baseline() -> None:
    figure = Figure("verdicts", 6.0, "1/s", "checks", 10.0)
    assert figure.ratio == 0.6
    written = msgspec.json.decode(encode_results([Result("x", (figure,))], "a command"))
    assert written["benchmarks"]["x"]["figures"][0]["ratio"] == 0.6


def test_percentiles_are_values_that_were_measured() -> None:
    values = [float(value) for value in range(1, 101)]
    assert [percentile(values, percent) for percent in (1, 50, 99, 100)] == [1.0, 50.0, 99.0, 100.0]
    assert percentile([7.0], 50) == 7.0
    assert quartiles([7.0]) == (7.0, 7.0)


def test_a_load_on_a_port_where_nobody_listens_fails() -> None:
    with pytest.raises((OSError, LoadFailed)):
        LoadGenerator(free_port(), 1, b"").run_closed([b"GET / HTTP/1.1\r\n\r\n"])
