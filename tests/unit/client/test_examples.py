"""The page about the client tells the truth: each example runs against a real gateway and prints what stands there."""

import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from tests.house.tree import page
from tests.running_gateway import DEVICE, OPERATOR, RunningGateway, running_gateway
from tests.world import GUANGXI, World, insecure_test_key
from tongxing.app.key_files import save_new_key
from tongxing.crypto.keys import SigningKey

EXAMPLE = re.compile(r"^```python\n(.*?)^```\n\n```text\n(.*?)^```$", re.MULTILINE | re.DOTALL)
URL_ON_THE_PAGE = "http://127.0.0.1:8145"


@pytest.fixture
def gateway(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningGateway]:
    """Give a gateway of the present day, and the files that the examples read in the current folder."""
    now = datetime.now(UTC)
    world = World(issued_at=now - timedelta(hours=1), verifier_days=(now.date(),))
    keys = {"device": DEVICE, "operator": OPERATOR, "back-end": insecure_test_key("back end of the examples")}
    for name, key in keys.items():
        save(tmp_path / f"{name}.json", key)
    (tmp_path / "code.txt").write_text(world.national_code(at=now), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    with running_gateway(tmp_path / "gateway", GUANGXI, world.bundle(), now) as running:
        yield running


def save(path: Path, key: SigningKey) -> None:
    save_new_key(path, "EdDSA", lambda _count: key.seed)


def test_every_example_of_the_page_runs_and_says_what_stands_there(gateway: RunningGateway) -> None:
    text = page("docs/client.md")
    examples = EXAMPLE.findall(text)
    assert len(examples) == text.count("```python\n") > 0
    for example, promised in examples:
        said = io.StringIO()
        source = example.replace(URL_ON_THE_PAGE, gateway.url)
        exec(compile(source, "docs/client.md", "exec"), {"print": partial(print, file=said)})  # noqa: S102 - our own page
        assert said.getvalue() == promised
