"""Fuzzes what reads a back end's answers, guided by coverage (atheris). Run by hand: ``make fuzz FAMILY=words``.

``tests.fuzz.targets`` says what an input is and what it must hold to. Anything else is a finding: libFuzzer stops and
keeps the input. ``FAMILY=text`` fuzzes what a scanned text is taken for, ``rows`` what is docked, ``identity``
documents and names. A folder that ``--found`` names keeps the inputs that reach something new; a handful of them are
the committed corpus.
"""

import argparse
import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["tongxing.regions", "tongxing.core.documents", "tongxing.core.names"]):
    from tests.fuzz.mutating import mutate_json
    from tests.fuzz.targets import BETWEEN, CORPUS, IDENTITY, NAMES, ROWS, TEXT, seeds_of, target_of

INPUT_MAX_BYTES = 4_096


def mutate(data: bytes, size_max: int, seed: int) -> bytes:
    """Return another input: half of the time one answer of the conversation with another value in it."""
    bodies = data.split(BETWEEN)
    which = seed // 2 % len(bodies)
    changed = mutate_json(bodies[which], seed) if seed % 2 else None
    if changed is None:
        return bytes(atheris.Mutate(data, size_max))
    return BETWEEN.join([*bodies[:which], changed, *bodies[which + 1 :]])[:size_max]


def main() -> None:
    """Fuzz one target for so many runs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", choices=NAMES)
    parser.add_argument("--runs", type=int, default=1_000_000)
    parser.add_argument("--found", type=Path, help="where inputs that reach something new are kept")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = given.found or Path(folder) / "found"
        found.mkdir(parents=True, exist_ok=True)
        for number, seed in enumerate(seeds_of(given.name)):
            (found / f"seed-{number}").write_bytes(seed)
        words = Path(folder) / "words"
        words.write_text("".join(f'"{word}"\n' for word in dictionary_of(given.name)), encoding="utf-8")
        limits = [f"-runs={given.runs}", f"-max_len={INPUT_MAX_BYTES}", "-timeout=20", "-rss_limit_mb=1024"]
        folders = [str(found), *(str(each) for each in (CORPUS / given.name,) if each.is_dir())]
        atheris.Setup(
            [sys.argv[0], *limits, f"-dict={words}", "-print_final_stats=1", *folders],
            target_of(given.name),
            custom_mutator=mutate,
        )
        atheris.Fuzz()


def dictionary_of(name: str) -> list[str]:
    """Return the words of the family's interface, which no mutation would come upon."""
    if name == TEXT:
        return ["codeId", "lastReportTime"]
    if name == ROWS:
        return ["document", "told", "since_seconds", "refreshed_at_seconds", "division", "person_ref", "derived_from"]
    if name == IDENTITY:
        return ["passport", "resident", "USA:", "CHN:", "10", "14", "15", "16", "20", "34", "HMT", "0000000000"]
    fields = sys.modules[f"tongxing.regions.families.{name}"].Field
    return sorted({field.value for field in fields} | {"null", "true", "00", "01", "10", "2020-03-20 08:00:00"})


if __name__ == "__main__":
    main()
