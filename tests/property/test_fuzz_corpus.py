"""Inputs that a fuzzer once found worth keeping: each still ends as every input must."""

import json

import pytest

from tests.fuzz.mutating import mutate_json
from tests.fuzz.targets import BETWEEN, CORPUS, NAMES, Finding, seeds_of, target_of

KEPT = sorted(path for path in CORPUS.glob("*/*") if path.is_file())
TOTAL_MAX_BYTES = 128 * 1024


@pytest.mark.parametrize("name", NAMES)
def test_what_was_kept_ends_as_every_input_must(name: str) -> None:
    check = target_of(name)
    inputs = [path.read_bytes() for path in KEPT if path.parent.name == name]
    assert inputs
    for data in [*seeds_of(name), *inputs]:
        check(data)


def test_the_corpus_is_small_and_every_target_has_its_own() -> None:
    assert {path.parent.name for path in KEPT} == set(NAMES)
    assert sum(path.stat().st_size for path in KEPT) <= TOTAL_MAX_BYTES


def test_a_finding_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """A family that raised anything else, or told what is no answer, would stop the fuzzer."""
    monkeypatch.setattr("tongxing.regions.families.envelope.parse_answer", lambda answer: vars(type(answer))["nothing"])
    with pytest.raises(KeyError):
        target_of("words")(seeds_of("words")[0])
    monkeypatch.undo()
    monkeypatch.setattr("tests.fuzz.targets.WITHOUT_LEVEL", {"colour_query"})
    with pytest.raises(Finding):
        target_of("colour_query")(seeds_of("colour_query")[0])


def test_mutations_of_json_are_json_and_what_is_none_is_left() -> None:
    body = seeds_of("national_levels")[0].split(BETWEEN)[0]
    changed = {mutate_json(body, seed) for seed in range(200)}
    assert len(changed) > 100
    assert all(json.loads((each or b"").decode(errors="surrogatepass")) is not None for each in changed)
    assert mutate_json(b"{", 1) is None
    assert mutate_json(b"{}", 1) is None
