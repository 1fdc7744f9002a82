"""The baseline of a node's footprint: Python with uvicorn, Starlette and one route that says "here".

python -m benchmarks.empty_server --socket FD
"""

import argparse
import socket

import uvicorn
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, Router


async def tell_health(_request: Request) -> Response:
    """Answer that the server runs."""
    return Response(b"{}", media_type="application/json")


def main() -> None:
    """Serve until SIGTERM."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--socket", type=int, required=True)
    bound = socket.socket(fileno=parser.parse_args().socket)
    config = uvicorn.Config(Router([Route("/healthz", tell_health)]), lifespan="off", log_config=None, access_log=False)
    uvicorn.Server(config).run(sockets=[bound])


if __name__ == "__main__":
    main()
