"""Mutations of JSON that keep it JSON: bytes alone seldom come upon another value in a field's place."""

import json
import random
from copy import deepcopy
from typing import Any

VALUES: tuple[object, ...] = (
    *(None, True, False, 0, 1, -1, 4, 10, 10**400, 1.5, "", "0", "00", "01", "10", "1", "4", "green", "yellow", "red"),
    *("mqjcz", "2020-03-20 08:00:00", "2020-02-30 08:00:00", "9999-12-31 23:59:59", "42", "420100", "\x00", "\u202e"),
    *([], {}, [[]], [{}], [{}, {}], "x" * 1_100, "mqjcz^" * 20, "\ud800"),
)


def mutate_json(body: bytes, seed: int) -> bytes | None:
    """Return ``body`` with one value in it replaced or removed; None if it is no JSON."""
    draw = random.Random(seed)
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return None
    containers = [each for each in _containers(value) if each]
    if not containers:
        return None
    inside: Any = draw.choice(containers)
    at = draw.choice(list(inside) if isinstance(inside, dict) else range(len(inside)))
    how = draw.randrange(4)
    if how == 0:
        del inside[at]
    elif how == 1:
        inside[at] = deepcopy(_any_value(draw.choice(containers), draw))
    else:
        inside[at] = deepcopy(draw.choice(VALUES))
    text = json.dumps(value, ensure_ascii=draw.random() < 0.5)
    return text.encode(errors="surrogatepass")


def _any_value(container: "dict[str, object] | list[object]", draw: random.Random) -> object:
    return draw.choice(list(container.values() if isinstance(container, dict) else container))


def _containers(value: object) -> "list[dict[str, object] | list[object]]":
    found: list[dict[str, object] | list[object]] = []
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict | list):
            found.append(each)
            waiting.extend(each.values() if isinstance(each, dict) else each)
    return found
