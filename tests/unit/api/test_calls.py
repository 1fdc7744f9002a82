"""What each call answers when it is used as it is meant to be, and how it says that it cannot."""

import json
from datetime import timedelta
from typing import Any

import pytest

from tests.fakes.callers import CALLERS, TestCaller, insecure_test_key
from tests.unit.api.nodes import CallableNode
from tests.world import AT, GUANGXI, HUBEI, HUBEI_CODE, World, report_of
from tests.world import insecure_test_key as world_key
from tongxing.app.key_files import public_text
from tongxing.app.nodes import Gateway, Hub
from tongxing.core.problems import ProblemId
from tongxing.core.reasons import ReasonId
from tongxing.services.ports import Alarm, Role
from tongxing.wire.reports import encode_report

pytestmark = pytest.mark.anyio

DEVICE, BACK_END, OPERATOR = CALLERS[Role.DEVICE], CALLERS[Role.BACK_END], CALLERS[Role.OPERATOR]
HUBEI_GATEWAY = TestCaller(world_key("request 42"), Role.GATEWAY, HUBEI)
GUANGXI_GATEWAY = TestCaller(world_key("request 45"), Role.GATEWAY, GUANGXI)
"""Known from the directory alone: nobody enrolled them."""

DOCUMENT = {"type": "20", "number": "G99000001"}


def at_gateway(node: CallableNode) -> Gateway:
    assert isinstance(node.node, Gateway)
    return node.node


def at_hub(node: CallableNode) -> Hub:
    assert isinstance(node.node, Hub)
    return node.node


async def scan(gateway: CallableNode, qr_text: str) -> dict[str, Any]:
    answer = await gateway.call(DEVICE, "POST", "/v1/verifications", {"qr_text": qr_text, "place_kind": "factory"})
    assert answer.status_code == 200
    told: dict[str, Any] = answer.json()
    return told


class TestGateway:
    """The calls of a region's devices, back end, operators, and of other gateways."""

    async def test_a_session_says_how_long_it_lives(self, gateway: CallableNode) -> None:
        answer = await gateway.call(DEVICE, "POST", "/v1/sessions")
        assert answer.status_code == 201
        assert set(answer.json()) == {"token", "expires_at", "expires_in_seconds"}
        assert answer.json()["expires_in_seconds"] == 900

    async def test_the_guards_answer_holds_no_cause_no_level_and_no_source(self, gateway: CallableNode) -> None:
        told = await scan(gateway, World().national_code())
        assert set(told) == {
            *("ref", "outcome", "headline", "sentence", "next_step", "measures", "reason", "hint"),
            *("data_age_seconds", "decided_at", "notes", "vehicle"),
        }

    async def test_a_refused_code_is_a_verdict(self, gateway: CallableNode) -> None:
        told = await scan(gateway, "https://example.org/")
        assert (told["outcome"], told["reason"]) == ("REFER", "web_address")

    async def test_a_forged_code_raises_an_alarm_that_the_operator_reads(self, gateway: CallableNode) -> None:
        genuine = World().national_code()
        told = await scan(gateway, genuine[:-1] + str((int(genuine[-1]) + 1) % 10))
        assert told["reason"] == "signature_invalid"
        answer = await gateway.call(OPERATOR, "GET", "/v1/alarms")
        assert [(alarm["reason"], alarm["ref"]) for alarm in answer.json()["alarms"]] == [(told["reason"], told["ref"])]

    async def test_the_operator_reads_the_trail_without_identity(self, gateway: CallableNode) -> None:
        ref = (await scan(gateway, World().national_code()))["ref"]
        trail = (await gateway.call(OPERATOR, "GET", f"/v1/verdicts/{ref}/trail")).json()
        assert [step["stage"] for step in trail["trail"]] == [
            *("read", "authenticate", "time", "status", "translate", "combine", "decide")
        ]
        assert not {"masked_hint", "hint", "subject_handle", "report", "causes", "level"} & set(trail)

    async def test_the_citizens_view_goes_to_the_issuers_gateway_alone(self, gateway: CallableNode) -> None:
        ref = (await scan(gateway, World().national_code()))["ref"]
        statuses = [
            (await gateway.call(caller, "GET", f"/v1/verdicts/{ref}/citizen")).status_code
            for caller in (HUBEI_GATEWAY, GUANGXI_GATEWAY, OPERATOR, DEVICE, BACK_END)
        ]
        assert statuses == [200, 403, 403, 403, 403]

    async def test_where_nobody_issued_the_code_the_own_operator_reads_it(self, gateway: CallableNode) -> None:
        ref = (await scan(gateway, "not a code"))["ref"]
        statuses = [
            (await gateway.call(caller, "GET", f"/v1/verdicts/{ref}/citizen")).status_code
            for caller in (OPERATOR, HUBEI_GATEWAY, GUANGXI_GATEWAY)
        ]
        assert statuses == [200, 403, 403]

    async def test_a_suspended_gateway_is_nobody(self, gateway: CallableNode) -> None:
        knowledge = World(suspended=frozenset({HUBEI})).knowledge()
        at_gateway(gateway).reference._knowledge = knowledge
        answer = await gateway.call(HUBEI_GATEWAY, "GET", "/v1/verdicts/abc/citizen")
        assert answer.status_code == 401

    async def test_a_statement_that_cannot_be_made_is_a_problem_with_its_reason(self, gateway: CallableNode) -> None:
        body = {"query_id_hex": "00" * 16, "qr_text": HUBEI_CODE}
        answer = await gateway.call(HUBEI_GATEWAY, "POST", "/v1/statements", body)
        assert (answer.status_code, answer.json()["reason"]) == (409, "ticket_unknown")
        body = {"query_id_hex": "00" * 16, "qr_text": "GXJKM:" + "0" * 32}
        answer = await gateway.call(HUBEI_GATEWAY, "POST", "/v1/statements", body)
        assert (answer.status_code, answer.json()["reason"]) == (503, "source_away")

    @pytest.mark.parametrize(
        "body",
        [
            {"query_id_hex": "00" * 16},
            {"query_id_hex": "00" * 15, "qr_text": "x"},
            {"query_id_hex": "zz" * 16, "qr_text": "x"},
            {"query_id_hex": "00" * 16, "extension_token_hex": "x"},
            {"query_id_hex": "00" * 16, "extension_token_hex": "00", "qr_text": "x"},
        ],
    )
    async def test_a_question_that_is_none_is_refused(self, gateway: CallableNode, body: dict[str, str]) -> None:
        assert (await gateway.call(HUBEI_GATEWAY, "POST", "/v1/statements", body)).status_code == 400

    async def test_a_ticket_is_issued_and_an_unknown_one_refused(self, gateway: CallableNode) -> None:
        ticket = (await gateway.call(BACK_END, "POST", "/v1/tickets")).json()
        assert ticket["expires_in_seconds"] == 120
        code = {"serial": ticket["serial"], "random": "00" * 16, "document": DOCUMENT, "name": "甲"}
        answer = await gateway.call(BACK_END, "POST", "/v1/codes", code)
        assert answer.json()["type"] == "urn:tongxing:problem:ticket-unusable"

    async def test_what_needs_the_hub_says_that_it_is_away(self, gateway: CallableNode) -> None:
        ticket = (await gateway.call(BACK_END, "POST", "/v1/tickets")).json()
        code = {"serial": ticket["serial"], "random": ticket["random"], "document": DOCUMENT, "name": "甲"}
        answer = await gateway.call(BACK_END, "POST", "/v1/codes", code)
        assert (answer.status_code, answer.json()["type"]) == (503, "urn:tongxing:problem:upstream-away")

    async def test_an_explanation_of_an_unknown_verdict_is_not_found(self, gateway: CallableNode) -> None:
        body = {"host": GUANGXI, "ref": "abcdef01", "qr_text": HUBEI_CODE}
        assert (await gateway.call(BACK_END, "POST", "/v1/explanations", body)).status_code == 404

    async def test_rows_that_cannot_be_read_are_set_aside_by_their_place(self, gateway: CallableNode) -> None:
        answer = await gateway.call(BACK_END, "POST", "/v1/docked-reports", {"rows": [{}, {"x": [1]}]})
        assert [row["index"] for row in answer.json()["set_aside"]] == [0, 1]

    async def test_an_operator_reads_how_the_node_is(self, gateway: CallableNode) -> None:
        status = (await gateway.call(OPERATOR, "GET", "/v1/status")).json()
        assert (status["node"], status["region"], status["bundle_number"]) == ("gateway", "45", 1)
        assert (status["bundle_age_seconds"], status["is_ready"]) == (3600, True)

    async def test_a_node_with_a_bundle_and_a_store_is_ready(self, gateway: CallableNode) -> None:
        assert (await gateway.call(None, "GET", "/readyz")).json() == {
            "is_ready": True,
            "has_bundle": True,
            "has_store": True,
        }

    async def test_a_node_whose_bundle_has_ended_is_not_ready(self, gateway: CallableNode) -> None:
        gateway.clock.move(timedelta(days=8))
        answer = await gateway.call(None, "GET", "/readyz")
        assert (answer.status_code, answer.json()["has_bundle"]) == (503, False)

    async def test_a_node_whose_store_is_closed_is_alive_but_not_ready(self, gateway: CallableNode) -> None:
        await gateway.node.core.stores.writer.aclose()
        answer = await gateway.call(None, "GET", "/readyz")
        assert (answer.status_code, answer.json()["has_store"]) == (503, False)
        assert (await gateway.call(None, "GET", "/healthz")).status_code == 200


class TestCredentials:
    """Enrolling and revoking, by an operator."""

    def message(self, caller: TestCaller, **changes: object) -> dict[str, object]:
        return {
            "public": public_text(caller.key.public),
            "role": caller.role,
            "label": "gate 7",
            "valid_until": (AT + timedelta(days=30)).isoformat(),
            **changes,
        }

    async def test_an_enrolled_device_can_scan_until_it_is_revoked(self, gateway: CallableNode) -> None:
        device = TestCaller(insecure_test_key("GATE 7"), Role.DEVICE)
        answer = await gateway.call(OPERATOR, "POST", "/v1/credentials", self.message(device))
        assert (answer.status_code, answer.json()["key_id"]) == (201, device.key_id)
        assert (await gateway.call(device, "POST", "/v1/sessions")).status_code == 201
        assert (await gateway.call(OPERATOR, "DELETE", f"/v1/credentials/{device.key_id}")).status_code == 204
        assert (await gateway.call(device, "POST", "/v1/sessions")).status_code == 401
        listed = (await gateway.call(OPERATOR, "GET", "/v1/credentials")).json()["credentials"]
        assert {held["key_id"]: held["revoked"] for held in listed}[device.key_id]

    async def test_enrolling_again_counts_once_and_never_brings_back_what_was_revoked(
        self, gateway: CallableNode
    ) -> None:
        device = TestCaller(insecure_test_key("GATE 7"), Role.DEVICE)
        for _ in range(2):
            assert (await gateway.call(OPERATOR, "POST", "/v1/credentials", self.message(device))).status_code == 201
        await gateway.call(OPERATOR, "DELETE", f"/v1/credentials/{device.key_id}")
        answer = await gateway.call(OPERATOR, "POST", "/v1/credentials", self.message(device))
        assert (answer.status_code, answer.json()["type"]) == (409, "urn:tongxing:problem:conflict")

    @pytest.mark.parametrize(
        "wrong",
        [
            {"role": "gateway"},
            {"role": "king"},
            {"public": "EdDSA:00"},
            {"public": "RSA:" + "00" * 32},
            {"public": "EdDSA:" + "00" * 32},
            {"label": ""},
            {"label": "a\u0000b"},
            {"valid_until": "2020-03-21"},
            {"valid_until": "2020-04-21T00:00:00"},
            {"valid_until": "9999-01-01T00:00:00Z"},
            {"key_id": "00"},
        ],
        ids=str,
    )
    async def test_a_key_that_cannot_be_enrolled_is_refused(
        self, gateway: CallableNode, wrong: dict[str, object]
    ) -> None:
        device = TestCaller(insecure_test_key("GATE 7"), Role.DEVICE)
        answer = await gateway.call(OPERATOR, "POST", "/v1/credentials", self.message(device, **wrong))
        assert answer.status_code == 400
        assert len((await gateway.call(OPERATOR, "GET", "/v1/credentials")).json()["credentials"]) == len(CALLERS)

    async def test_an_unknown_key_cannot_be_revoked_nor_the_last_operators(self, gateway: CallableNode) -> None:
        assert (await gateway.call(OPERATOR, "DELETE", f"/v1/credentials/{'00' * 8}")).status_code == 404
        assert (await gateway.call(OPERATOR, "DELETE", f"/v1/credentials/{OPERATOR.key_id}")).status_code == 409


class TestHub:
    """The calls of gateways and of the federation's operators."""

    async def test_anybody_can_fetch_a_bundle(self, hub: CallableNode) -> None:
        latest = await hub.call(None, "GET", "/v1/bundles/latest")
        assert latest.headers["content-type"] == "application/cose"
        assert latest.content == (await hub.call(None, "GET", "/v1/bundles/1")).content

    async def test_a_gateway_of_the_directory_derives_keys_and_the_same_for_the_same(self, hub: CallableNode) -> None:
        body = {"documents": [DOCUMENT, {"type": "20", "number": " g99000001 "}, {"type": "20", "number": "G99000002"}]}
        first, again, other = (await hub.call(GUANGXI_GATEWAY, "POST", "/v1/subject-keys", body)).json()["subject_keys"]
        assert first == again != other
        assert [len(key) for key in first] == [66]

    async def test_a_gateway_reports_for_its_own_region_and_reads_what_all_report(self, hub: CallableNode) -> None:
        subject = "01" + "ab" * 32
        row = {"subject": subject, "report": encode_report(report_of()), "origin": None}
        answer = await hub.call(HUBEI_GATEWAY, "POST", "/v1/reports", {"reports": [row]})
        assert answer.json() == {"stored": 1, "same": 0, "older": 0}
        again = await hub.call(HUBEI_GATEWAY, "POST", "/v1/reports", {"reports": [row]})
        assert again.json() == {"stored": 0, "same": 1, "older": 0}
        answer = await hub.call(GUANGXI_GATEWAY, "POST", "/v1/report-queries", {"subject_keys": [subject]})
        assert answer.json() == {"reports": [row]}
        answer = await hub.call(GUANGXI_GATEWAY, "POST", "/v1/reports", {"reports": [row]})
        assert answer.status_code == 403

    @pytest.mark.parametrize(
        "wrong",
        [{"subject": "00"}, {"subject": "zz" * 33}, {"report": {}}, {"report": {"issuer": "42"}}, {"origin": {"x": 1}}],
        ids=str,
    )
    async def test_a_report_that_cannot_be_read_is_refused_whole(
        self, hub: CallableNode, wrong: dict[str, object]
    ) -> None:
        row = {"subject": "01" + "ab" * 32, "report": encode_report(report_of()), "origin": None}
        answer = await hub.call(HUBEI_GATEWAY, "POST", "/v1/reports", {"reports": [row, {**row, **wrong}]})
        assert answer.status_code == 400
        told = await hub.call(HUBEI_GATEWAY, "POST", "/v1/report-queries", {"subject_keys": [row["subject"]]})
        assert told.json() == {"reports": []}

    async def test_reports_of_a_suspended_region_do_not_count_until_the_suspension_ends(
        self, hub: CallableNode
    ) -> None:
        subject = "01" + "ab" * 32
        row = {"subject": subject, "report": encode_report(report_of()), "origin": None}
        assert (await hub.call(HUBEI_GATEWAY, "POST", "/v1/reports", {"reports": [row]})).status_code == 200

        async def told() -> int:
            answer = await hub.call(GUANGXI_GATEWAY, "POST", "/v1/report-queries", {"subject_keys": [subject]})
            return len(answer.json()["reports"])

        assert await told() == 1
        for change, counted in (("suspension", 0), ("resumption", 1), ("departure", 0)):
            answer = await hub.call(OPERATOR, "POST", f"/v1/directory-records/{HUBEI}/{change}")
            assert (answer.status_code, await told()) == (201, counted)
        assert (await hub.call(HUBEI_GATEWAY, "POST", "/v1/reports", {"reports": [row]})).status_code == 401

    async def test_a_batch_has_a_bound(self, hub: CallableNode) -> None:
        body = {"documents": [DOCUMENT] * 1_001}
        assert (await hub.call(HUBEI_GATEWAY, "POST", "/v1/subject-keys", body)).status_code == 400

    async def test_a_directory_record_changes_who_may_call(self, hub: CallableNode) -> None:
        new = TestCaller(insecure_test_key("NEW GATEWAY"), Role.GATEWAY, HUBEI)
        record = {
            "region": "42",
            "name_zh": "湖北省",
            "name_en": "Hubei",
            "url": "http://hubei.example:8000",
            "keys": [
                {
                    "use": "request",
                    "public": public_text(new.key.public),
                    "valid_from": (AT - timedelta(days=1)).isoformat(),
                }
            ],
        }
        assert (await hub.call(new, "POST", "/v1/subject-keys", {"documents": []})).status_code == 401
        assert (await hub.call(OPERATOR, "POST", "/v1/directory-records", record)).status_code == 201
        assert (await hub.call(new, "POST", "/v1/subject-keys", {"documents": []})).status_code == 200
        assert (await hub.call(HUBEI_GATEWAY, "POST", "/v1/subject-keys", {"documents": []})).status_code == 401
        suspended = {**record, "suspended": True}
        assert (await hub.call(OPERATOR, "POST", "/v1/directory-records", suspended)).status_code == 201
        assert (await hub.call(new, "POST", "/v1/subject-keys", {"documents": []})).status_code == 401

    @pytest.mark.parametrize(
        "wrong",
        [{"url": "not an address"}, {"keys": []}, {"region": "x"}, {"sealing_public_hex": "00"}, {"name_zh": ""}],
        ids=str,
    )
    async def test_a_directory_record_that_cannot_be_is_refused(
        self, hub: CallableNode, wrong: dict[str, object]
    ) -> None:
        record = {
            "region": "42",
            "name_zh": "湖北省",
            "name_en": "Hubei",
            "url": "http://hubei.example:8000",
            "keys": [
                {"use": "request", "public": public_text(insecure_test_key("X").public), "valid_from": AT.isoformat()}
            ],
            **wrong,
        }
        answer = await hub.call(OPERATOR, "POST", "/v1/directory-records", record)
        assert answer.status_code in (400, 422)
        assert (await hub.call(None, "GET", "/v1/bundles/2")).status_code == 404

    async def test_the_same_content_can_be_published_anew(self, hub: CallableNode) -> None:
        answer = await hub.call(OPERATOR, "POST", "/v1/bundles")
        assert (answer.status_code, answer.json()["number"]) == (201, 2)
        latest = await hub.call(None, "GET", "/v1/bundles/latest")
        assert latest.content == (await hub.call(None, "GET", "/v1/bundles/2")).content

    async def test_a_risk_list_is_placed_whole_and_published(self, hub: CallableNode) -> None:
        listed = {
            "data": {
                "end_update_time": "2020-03-21 10时",
                "hcount": 0,
                "mcount": 1,
                "highlist": [],
                "middlelist": [
                    {
                        "type": "2",
                        "province": "湖北省",
                        "city": "武汉市",
                        "county": "青山区",
                        "area_name": "湖北省 武汉市 青山区",
                        "communitys": [],
                    }
                ],
            }
        }
        answer = await hub.call(OPERATOR, "POST", "/v1/risk-lists", json.dumps(listed).encode())
        assert answer.status_code == 201
        assert answer.json()["entries"] == sum(answer.json()["by_placement"].values()) == 1
        assert answer.json()["bundle"]["number"] == 2
        answer = await hub.call(OPERATOR, "POST", "/v1/risk-lists", b"{}")
        assert (answer.status_code, answer.json()["type"]) == (422, "urn:tongxing:problem:risk-list-refused")

    async def test_alarms_of_problems_and_of_reasons_are_both_told(self, hub: CallableNode) -> None:
        store = hub.node.core.stores.alarms
        await store.raise_alarm(Alarm(AT, ReasonId.SIGNATURE_INVALID, "ref", "a"))
        await store.raise_alarm(Alarm(AT + timedelta(seconds=1), ProblemId.BUNDLE_REFUSED, None, "b"))
        answer = await hub.call(OPERATOR, "GET", "/v1/alarms?limit=1")
        assert [alarm["reason"] for alarm in answer.json()["alarms"]] == ["bundle-refused"]
