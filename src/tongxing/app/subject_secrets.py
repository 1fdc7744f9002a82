"""The versions of the hub's secret behind subject keys: one file each, the newest one is current.

``subjects.json`` is version 1, ``subjects-2.json`` version 2, and so on. A rotation adds a file; from the
hub's next start both versions count. When every region has docked its people again, the old version
is retired: its file is renamed, never erased, and its number never comes back.
"""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Final

from tongxing.app.key_files import load_secret, save_new_key
from tongxing.core.errors import Fault, Refused
from tongxing.core.problems import ProblemId
from tongxing.crypto.subject_keys import SubjectSecret

COUNTING_MAX: Final = 2
_FILE: Final = re.compile(r"subjects(?:-(?P<version>[1-9][0-9]{0,2}))?\.(?P<kind>json|retired)")


def load_subject_secrets(folder: Path) -> tuple[SubjectSecret, ...]:
    """Return the versions that count, the newest first.

    Raises ``Fault`` naming the file that is wrong, or if none or more than ``COUNTING_MAX`` count.
    """
    files = _files(folder, "json")
    if not 0 < len(files) <= COUNTING_MAX:
        raise Fault(f"{folder}: {len(files)} versions of subjects.json, from 1 to {COUNTING_MAX} may count")
    versions = sorted(files, reverse=True)
    return tuple(SubjectSecret(version, load_secret(files[version])) for version in versions)


def rotate_subject_secret(folder: Path, entropy: Callable[[int], bytes]) -> tuple[int, Path]:
    """Make the next version; return its number and file.

    Raises ``Refused(CONFLICT)`` while a rotation lasts, and ``Fault`` where there is nothing to rotate.
    """
    files = _files(folder, "json")
    if not files:
        raise Fault(f"{folder}: no subjects.json to rotate")
    if len(files) >= COUNTING_MAX:
        raise Refused(ProblemId.CONFLICT, f"versions {sorted(files)} count already; retire the older one first")
    version = max([*files, *_files(folder, "retired")]) + 1
    path = folder / f"subjects-{version}.json"
    save_new_key(path, "secret", entropy)
    return version, path


def retire_subject_secret(folder: Path) -> tuple[int, Path]:
    """Retire the older of two versions; return its number and where its file is now.

    Raises ``Refused(CONFLICT)`` if only one counts: without any there would be no subject keys.
    """
    files = _files(folder, "json")
    if len(files) < COUNTING_MAX:
        raise Refused(ProblemId.CONFLICT, "only one version counts; rotate first")
    version = min(files)
    retired = files[version].with_suffix(".retired")
    try:
        files[version].rename(retired)
    except OSError as error:
        raise Fault(f"{files[version]}: {error.strerror}") from error
    return version, retired


def _files(folder: Path, kind: str) -> dict[int, Path]:
    try:
        found = [(match, path) for path in folder.iterdir() if (match := _FILE.fullmatch(path.name)) is not None]
    except OSError as error:
        raise Fault(f"{folder}: {error.strerror}") from error
    return {int(match["version"] or 1): path for match, path in found if match["kind"] == kind}
