"""Ask an address of the demo and write the answer as it came, so that trying by hand needs no other program.

``python -m tongxing.simulation.asking URL [JSON [MEMBER]]``: JSON is sent; MEMBER is what to write of the answer.
"""

import sys
from collections.abc import Sequence
from typing import Final

import httpx
import msgspec

from tongxing.core.limits import GATEWAY_DEADLINE_SECONDS

_WORDS: Final = ("URL", "[JSON", "[MEMBER]]")


def main(arguments: Sequence[str]) -> int:
    """Return 0 if the answer is good, 1 if it is not, 2 for wrong arguments or where nobody answers."""
    if not 1 <= len(arguments) <= len(_WORDS):
        sys.stderr.write(f"python -m tongxing.simulation.asking {' '.join(_WORDS)}\n")
        return 2
    url, sent, member = (*arguments, "", "")[: len(_WORDS)]
    try:
        with httpx.Client(timeout=GATEWAY_DEADLINE_SECONDS, trust_env=False) as client:
            json_type = {"content-type": "application/json"}
            answer = client.post(url, content=sent, headers=json_type) if sent else client.get(url)
    except (httpx.HTTPError, httpx.InvalidURL) as failed:
        sys.stderr.write(f"{url}: {failed}\n")
        return 2
    told = str(msgspec.json.decode(answer.content)[member]) if member and answer.is_success else answer.text
    sys.stdout.write(f"{told}\n")
    return 0 if answer.is_success else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
