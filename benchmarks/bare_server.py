"""The baseline of serving: the node's own server around one route that parses a scan and checks its signature.

    python -m benchmarks.bare_server --key HEX --socket FD

Same uvicorn, protocol, event loop, collector settings and Starlette router as a node's, and the very
same requests; the signature is checked by the library's own call. No access check, no decision, no
record, no log, no metrics.
"""

import argparse
import socket

import msgspec
import uvloop
from nacl import bindings
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, Router

from tongxing.api.server import serve_app
from tongxing.api.serving import spare_what_stays
from tongxing.wire.national_code import parse_national_code


class Scan(msgspec.Struct):
    """The body of a scan."""

    qr_text: str
    place_kind: str


class BareRoute:
    """Answers whether a national code is signed by ``key`` (Ed25519, 32 bytes)."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._parse_scan = msgspec.json.Decoder(Scan).decode

    async def check(self, request: Request) -> Response:
        """Serve one request; a wrong signature is an error 500."""
        scan = self._parse_scan(await request.body())
        parsed = parse_national_code(scan.qr_text)
        bindings.crypto_sign_open(parsed.signature + parsed.to_be_signed, self._key)
        return Response(b'{"outcome":"PASS"}', media_type="application/json")


async def tell_health(_request: Request) -> Response:
    """Answer that the server runs."""
    return Response(b"{}", media_type="application/json")


def main() -> None:
    """Serve until SIGTERM."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--key", type=bytes.fromhex, required=True)
    parser.add_argument("--socket", type=int, required=True)
    given = parser.parse_args()
    route = BareRoute(given.key)
    router = Router(
        [Route("/v1/verifications", route.check, methods=["POST"]), Route("/healthz", tell_health)],
        redirect_slashes=False,
    )
    spare_what_stays()
    uvloop.run(serve_app(router, socket.socket(fileno=given.socket)))


if __name__ == "__main__":
    main()
