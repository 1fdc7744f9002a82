"""The proxy of deploy/: it reaches the nodes where they listen; whom it cannot let in is told when to come again."""

import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import msgspec
import pytest

from tests.deploying.deployed import DEPLOY, NODES, read_compose
from tests.real_cluster import wait_until
from tongxing.api.problems import Failure
from tongxing.core.limits import REQUESTS_IN_FLIGHT_MAX, RETRY_AFTER_SECONDS_MAX
from tongxing.core.problems import ProblemId
from tongxing.simulation.processes import choose_ports

CONFIGURATION = (DEPLOY / "haproxy.cfg").read_text(encoding="utf-8")
COMPOSE = read_compose()
PROXY = COMPOSE["services"]["proxy"]
MOUNTED = "/usr/local/etc/haproxy/"


def test_it_finds_each_node_where_it_listens_and_lets_in_as_many_as_the_node_works_on() -> None:
    for node in NODES:
        port = COMPOSE["services"][node]["environment"]["TONGXING_LISTEN_PORT"]
        assert f"    server node {node}:{port} maxconn {REQUESTS_IN_FLIGHT_MAX} " in CONFIGURATION
        assert f"frontend {node}\n" in CONFIGURATION
        assert f"default_backend {node}\n" in CONFIGURATION


def test_what_it_listens_on_is_published_on_loopback_alone() -> None:
    listens = re.findall(r"bind :(\d+)\n", CONFIGURATION)
    assert PROXY["ports"] == [f"127.0.0.1:{port}:{port}" for port in listens]
    assert PROXY["networks"] == ["outside"]
    assert set(PROXY["depends_on"]) == set(NODES)


def test_its_files_are_given_to_it() -> None:
    given = {config["target"]: DEPLOY / COMPOSE["configs"][config["source"]]["file"] for config in PROXY["configs"]}
    assert given == {f"{MOUNTED}{name}": DEPLOY / name for name in ("haproxy.cfg", "busy.json")}


def test_it_says_what_a_node_says() -> None:
    assert (DEPLOY / "busy.json").read_bytes().strip() == Failure(ProblemId.OVERLOADED).encode()
    assert set(re.findall(r"rand\((\d+)\),add\(1\)", CONFIGURATION)) == {str(RETRY_AFTER_SECONDS_MAX)}


@pytest.fixture
def proxy(tmp_path: Path) -> Iterator[tuple[str, socket.socket]]:
    """Run the real one before a port; yield its address for the gateway, and the port's socket, not yet listening."""
    program = shutil.which("haproxy")
    if program is None:
        pytest.skip("NO HAPROXY WAS FOUND: install haproxy")
    ports = choose_ports(3, 0)
    told = CONFIGURATION.replace(MOUNTED, f"{DEPLOY}/").replace("maxconn 8000", "maxconn 200")
    told = told.replace("bind :9000", f"bind 127.0.0.1:{ports[0]}").replace("bind :9042", f"bind 127.0.0.1:{ports[1]}")
    told = told.replace("hub:8000", "127.0.0.1:9").replace("gateway:8000", f"127.0.0.1:{ports[2]}")
    told = told.replace(f"maxconn {REQUESTS_IN_FLIGHT_MAX} ", "maxconn 1 ")
    (tmp_path / "haproxy.cfg").write_text(told, encoding="utf-8")
    node = socket.socket()
    node.bind(("127.0.0.1", ports[2]))
    running = subprocess.Popen([program, "-db", "-f", str(tmp_path / "haproxy.cfg")], stderr=subprocess.PIPE)
    try:
        wait_until(lambda: _listens(ports[1]))
        yield f"http://127.0.0.1:{ports[1]}", node
    finally:
        running.kill()
        running.communicate()
        node.close()


def _listens(port: int) -> bool:
    with socket.socket() as asking:
        return asking.connect_ex(("127.0.0.1", port)) == 0


def _is_told_to_come_again(answer: httpx.Response) -> bool:
    assert answer.status_code == 503
    assert answer.headers["content-type"] == "application/problem+json"
    assert msgspec.json.decode(answer.content)["type"] == "urn:tongxing:problem:overloaded"
    return 1 <= int(answer.headers["retry-after"]) <= RETRY_AFTER_SECONDS_MAX


def test_with_no_node_behind_it_everybody_is_told_to_come_again(proxy: tuple[str, socket.socket]) -> None:
    with httpx.Client(trust_env=False, timeout=30.0) as client:
        answers = [client.get(f"{proxy[0]}/v1/rules") for _ in range(40)]
    assert all(map(_is_told_to_come_again, answers))
    assert len({answer.headers["retry-after"] for answer in answers}) > 1


def test_who_waits_too_long_for_their_turn_is_told_to_come_again(proxy: tuple[str, socket.socket]) -> None:
    url, node = proxy
    node.listen(8)
    with httpx.Client(trust_env=False, timeout=30.0) as client, socket.socket() as first:
        port = int(url.rpartition(":")[2])
        first.connect(("127.0.0.1", port))
        first.sendall(b"GET /v1/rules HTTP/1.1\r\nhost: x\r\n\r\n")
        held, _ = node.accept()
        assert held.recv(10)
        assert _is_told_to_come_again(client.get(f"{url}/v1/rules"))
        held.close()
