"""The table of routes: who may call what. Everything else follows from it.

The application's routes are built from it, the OpenAPI document is written from it, and a test calls
each row in each role that it does not name. A row without a role (``PUBLIC``) is open to whoever
reaches the node: it tells nothing of any person.

Columns: method, path (its variable parts in braces), roles, handler, bytes of body at most (none if
not said). The first rows are tried first: the hot one leads.
"""

from typing import Final

from tongxing.api import audit_calls as of_audits
from tongxing.api import case_calls as of_cases
from tongxing.api import citizen_calls as of_citizens
from tongxing.api import digest_calls as of_digests
from tongxing.api import dry_run_calls as of_costs
from tongxing.api import federation_calls as at_federation
from tongxing.api import freshness_calls as of_freshness
from tongxing.api import gateway_calls as at_gateway
from tongxing.api import hub_calls as at_hub
from tongxing.api import ingest_calls as of_ingest
from tongxing.api import link_calls as of_links
from tongxing.api import look_calls as of_looks
from tongxing.api import node_calls as at_node
from tongxing.api import one_stop_calls as of_everything
from tongxing.api import pairing_calls as of_pairing
from tongxing.api import reconciling_calls as of_reconciling
from tongxing.api import region_calls as of_regions
from tongxing.api import retention_calls as of_retention
from tongxing.api import risk_calls as of_risk
from tongxing.api import rotation_calls as of_rotation
from tongxing.api import rule_calls as of_rules
from tongxing.api import statistics_calls as of_statistics
from tongxing.api import transit_calls as of_transit
from tongxing.api import way_calls as of_ways
from tongxing.api.calls import PUBLIC, RouteRow
from tongxing.api.citizen_calls import NOTHING
from tongxing.api.gateway_calls import COSE
from tongxing.api.gb38963.rows import GB38963_ROUTES
from tongxing.api.node_calls import METRICS
from tongxing.app.nodes import Gateway, Hub, Node
from tongxing.core.limits import (
    FOREIGN_TRUST_MAX_BYTES,
    INGEST_BODY_MAX_BYTES,
    PICTURE_BODY_MAX_BYTES,
    REQUEST_BODY_MAX_BYTES,
    RISK_LIST_MAX_BYTES,
    SCAN_BODY_MAX_BYTES,
)
from tongxing.core.problems import ProblemId
from tongxing.regions.profile import PROFILE_MAX_BYTES
from tongxing.rules.tables import RULE_TABLE_MAX_BYTES
from tongxing.services.ports import Role

DEVICE: Final = frozenset({Role.DEVICE})
BACK_END: Final = frozenset({Role.BACK_END})
OPERATOR: Final = frozenset({Role.OPERATOR})
GATEWAY: Final = frozenset({Role.GATEWAY})
SOURCE: Final = frozenset({Role.SOURCE})
CITIZEN: Final = frozenset({Role.CITIZEN})
GATEWAY_OR_OPERATOR: Final = GATEWAY | OPERATOR
GATEWAY_OR_SOURCE: Final = GATEWAY | SOURCE
BACK_END_OR_OPERATOR: Final = BACK_END | OPERATOR

SMALL: Final = 16 * 1024
RECEIPTS_BODY: Final = 128 * 1024
BATCH: Final = REQUEST_BODY_MAX_BYTES
TRIAL: Final = 2 * RULE_TABLE_MAX_BYTES
"""A table in a JSON text, whose line ends and quotes are escaped."""

TOML: Final = ("application/toml",)
CSV: Final = ("text/csv",)

NOT_FOUND: Final = ProblemId.NOT_FOUND
CONFLICT: Final = ProblemId.CONFLICT
AWAY: Final = ProblemId.UPSTREAM_AWAY
TICKET: Final = ProblemId.TICKET_UNUSABLE
UNCONFIRMED: Final = ProblemId.CODE_NOT_CONFIRMED
RULES: Final = ProblemId.RULES_REFUSED
NOTICE: Final = ProblemId.NOTICE_TOO_SHORT
PROFILE: Final = ProblemId.PROFILE_REFUSED
RISK: Final = ProblemId.RISK_LIST_REFUSED
BUNDLE: Final = ProblemId.BUNDLE_REFUSED
CONSENT: Final = ProblemId.CONSENT_NEEDED
LIMITED: Final = ProblemId.LIMITED
UNCONVERTED: Final = ProblemId.NOT_CONVERTED
UNUSED: Final = ProblemId.WAY_NOT_USED

# fmt: off
NODE_ROUTES: Final[tuple[RouteRow[Node], ...]] = (
    RouteRow("GET", "/healthz", PUBLIC, at_node.tell_health),
    RouteRow("GET", "/readyz", PUBLIC, at_node.tell_readiness),
    RouteRow("GET", "/metrics", PUBLIC, at_node.tell_metrics, gives=METRICS),
    RouteRow("GET", "/openapi.json", PUBLIC, at_node.tell_document),
    RouteRow("GET", "/v1/status", OPERATOR, at_node.tell_status),
    RouteRow("GET", "/v1/alarms", OPERATOR, at_node.list_alarms),
    RouteRow("GET", "/v1/credentials", OPERATOR, at_node.list_credentials),
    RouteRow("POST", "/v1/credentials", OPERATOR, at_node.enrol_credential, SMALL, 201, problems=(CONFLICT,)),
    RouteRow("DELETE", "/v1/credentials/{key_id}", OPERATOR, at_node.revoke_credential, 0, 204, problems=(NOT_FOUND, CONFLICT)),
    RouteRow("POST", "/v1/pairings", OPERATOR, of_pairing.offer_pairing, SMALL, 201),
    RouteRow("POST", "/v1/pairings/redeemed", PUBLIC, of_pairing.redeem_pairing, SMALL, 201, problems=(TICKET, CONFLICT)),
    RouteRow("GET", "/v1/directory", OPERATOR, of_pairing.tell_directory),
    RouteRow("POST", "/v1/forwarded-cases", GATEWAY, of_cases.take_in_case, SMALL, problems=(CONFLICT,)),
    RouteRow("GET", "/v1/cases", OPERATOR, of_cases.list_cases),
    RouteRow("POST", "/v1/cases/{number}/examination", OPERATOR, of_cases.examine_case, 0, problems=(NOT_FOUND, CONFLICT)),
    RouteRow("POST", "/v1/cases/{number}/decision", OPERATOR, of_cases.decide_case, SMALL, 201, problems=(NOT_FOUND, CONFLICT)),
    RouteRow("GET", "/v1/case-counts", PUBLIC, of_cases.count_cases),
    RouteRow("GET", "/v1/retention", PUBLIC, of_retention.tell_retention),
    RouteRow("GET", "/v1/deletion-reports", OPERATOR, of_retention.list_deletion_reports),
    RouteRow("GET", "/v1/look-counts", OPERATOR, of_audits.tell_look_counts),
    RouteRow("GET", "/v1/key-rotation", OPERATOR, of_rotation.tell_key_rotation),
    RouteRow("GET", "/v1/rules", PUBLIC, of_rules.tell_rules),
    RouteRow("GET", "/v1/rules/{region}", PUBLIC, of_rules.tell_table, problems=(NOT_FOUND,)),
    RouteRow("GET", "/v1/exceptions", PUBLIC, of_rules.tell_exceptions),
    RouteRow("GET", "/v1/regions", PUBLIC, of_regions.tell_regions),
    RouteRow("GET", "/v1/regions/{region}", PUBLIC, of_regions.tell_region, problems=(NOT_FOUND,)),
    RouteRow("GET", "/v1/regions/{region}/differences/{other}", PUBLIC, of_regions.compare_regions, problems=(NOT_FOUND,)),
    RouteRow("GET", "/v1/acceptance/{issuer}/{host}", PUBLIC, of_regions.tell_acceptance, problems=(NOT_FOUND,)),
)

GATEWAY_ROUTES: Final[tuple[RouteRow[Gateway], ...]] = (
    RouteRow("POST", "/v1/verifications", DEVICE, at_gateway.verify_scan, SCAN_BODY_MAX_BYTES, by_session=True, problems=(AWAY,)),
    RouteRow("POST", "/v1/verifications/picture", DEVICE, at_gateway.verify_picture, PICTURE_BODY_MAX_BYTES, by_session=True, problems=(AWAY,)),
    RouteRow("POST", "/v1/sessions", DEVICE, at_gateway.open_session, 0, 201),
    RouteRow("POST", "/v1/statements", GATEWAY, at_gateway.make_statement, SCAN_BODY_MAX_BYTES, gives=COSE, problems=(TICKET, UNCONFIRMED, AWAY)),
    RouteRow("GET", "/v1/verdicts/{ref}/citizen", GATEWAY_OR_OPERATOR, at_gateway.tell_citizen_view, problems=(NOT_FOUND,)),
    RouteRow("GET", "/v1/verdicts/{ref}/trail", OPERATOR, at_gateway.tell_trail, problems=(NOT_FOUND,)),
    RouteRow("POST", "/v1/verdicts/{ref}/ending", DEVICE, at_gateway.end_referral, SMALL, 201, by_session=True, problems=(NOT_FOUND, CONFLICT)),
    RouteRow("POST", "/v1/explanations", BACK_END, at_gateway.explain_verdict, SCAN_BODY_MAX_BYTES, problems=(NOT_FOUND, AWAY)),
    RouteRow("POST", "/v1/tickets", BACK_END, at_gateway.issue_ticket, 0, 201),
    RouteRow("POST", "/v1/codes", BACK_END, at_gateway.make_code, SMALL, 201, problems=(TICKET, UNCONFIRMED, AWAY)),
    RouteRow("POST", "/v1/transit-passes", BACK_END, of_transit.make_transit_pass, SMALL, 201, problems=(TICKET, UNCONFIRMED, AWAY)),
    RouteRow("POST", "/v1/transit-passes/{pass_id}/withdrawal", BACK_END, of_transit.withdraw_transit_pass, 0, 204, problems=(NOT_FOUND,)),
    RouteRow("POST", "/v1/recognitions", BACK_END, of_ways.recognise_visitor, SMALL, problems=(CONSENT, UNUSED, LIMITED, AWAY)),
    RouteRow("POST", "/v1/conversions", BACK_END, of_ways.convert_code, SCAN_BODY_MAX_BYTES, 201, problems=(CONSENT, UNUSED, UNCONVERTED, LIMITED, AWAY)),
    RouteRow("POST", "/v1/conversions/{conversion_id}/display", BACK_END, of_ways.display_conversion, 0, problems=(NOT_FOUND, UNUSED)),
    RouteRow("POST", "/v1/conversion-statements", GATEWAY, of_ways.make_conversion_statement, SCAN_BODY_MAX_BYTES, gives=COSE, problems=(CONSENT, TICKET, UNCONFIRMED, AWAY)),
    RouteRow("POST", "/v1/carried-statements", BACK_END, of_ways.make_carried_statement, SCAN_BODY_MAX_BYTES, 201, problems=(CONSENT, UNCONFIRMED, UNUSED, LIMITED, NOT_FOUND, AWAY)),
    RouteRow("POST", "/v1/verifications/document", DEVICE, of_ways.verify_document, SMALL, by_session=True, problems=(CONSENT, LIMITED)),
    RouteRow("POST", "/v1/printed-codes", BACK_END, of_ways.issue_printed_code, SMALL, 201, problems=(CONSENT, LIMITED, AWAY)),
    RouteRow("POST", "/v1/looks", BACK_END, of_ways.tell_looks, SMALL, problems=(AWAY,)),
    RouteRow("GET", "/v1/my/sign-in", PUBLIC, of_citizens.begin_sign_in, status=303, gives=NOTHING, problems=(NOT_FOUND, AWAY)),
    RouteRow("GET", "/v1/my/sign-in/callback", PUBLIC, of_citizens.finish_sign_in, status=303, gives=NOTHING),
    RouteRow("POST", "/v1/my/sign-out", CITIZEN, of_citizens.sign_out, 0, 204, gives=NOTHING),
    RouteRow("GET", "/v1/my/identity", CITIZEN, of_citizens.tell_identity),
    RouteRow("POST", "/v1/my/codes", CITIZEN, of_citizens.make_my_code, SMALL, 201, problems=(UNCONFIRMED, UNUSED, LIMITED, NOT_FOUND, AWAY)),
    RouteRow("POST", "/v1/my/explanations", CITIZEN, of_citizens.explain_to_citizen, RECEIPTS_BODY, problems=(NOT_FOUND, AWAY)),
    RouteRow("POST", "/v1/my/report", CITIZEN, of_citizens.tell_my_report, SMALL, problems=(NOT_FOUND, AWAY)),
    RouteRow("POST", "/v1/my/declarations", CITIZEN, of_citizens.declare_stays, SMALL, 201, problems=(UNUSED, LIMITED, AWAY)),
    RouteRow("POST", "/v1/cases", BACK_END_OR_OPERATOR, of_cases.open_case, SMALL, 201, problems=(NOT_FOUND, LIMITED, AWAY)),
    RouteRow("POST", "/v1/my/cases", CITIZEN, of_cases.open_my_case, SMALL, 201, problems=(NOT_FOUND, LIMITED, AWAY)),
    RouteRow("GET", "/v1/my/cases", CITIZEN, of_cases.tell_my_cases),
    RouteRow("POST", "/v1/my/cases/{number}/withdrawal", CITIZEN, of_cases.withdraw_my_case, 0, 201, problems=(NOT_FOUND, CONFLICT)),
    RouteRow("POST", "/v1/person-links", OPERATOR, of_links.link_documents, SMALL, 201, problems=(CONFLICT, AWAY)),
    RouteRow("POST", "/v1/person-links/withdrawal", OPERATOR, of_links.unlink_documents, SMALL, 201, problems=(NOT_FOUND, AWAY)),
    RouteRow("GET", "/v1/my/documents", CITIZEN, of_links.tell_my_documents),
    RouteRow("POST", "/v1/my/documents/{link_id}/objection", CITIZEN, of_links.object_to_link, SMALL, 201, problems=(NOT_FOUND, LIMITED, AWAY)),
    RouteRow("POST", "/v1/one-stop-queries", DEVICE | BACK_END | OPERATOR, of_everything.ask_everything, SMALL, by_session=True, problems=(CONSENT, LIMITED, AWAY)),
    RouteRow("GET", "/v1/my/one-stop", CITIZEN, of_everything.tell_my_everything, problems=(LIMITED, AWAY)),
    RouteRow("GET", "/v1/my/looks", CITIZEN, of_citizens.tell_my_looks),
    RouteRow("GET", "/v1/my/family", CITIZEN, of_citizens.tell_family),
    RouteRow("POST", "/v1/my/family", CITIZEN, of_citizens.bind_ward, SMALL, 201, problems=(NOT_FOUND, LIMITED)),
    RouteRow("POST", "/v1/my/family/invitations", CITIZEN, of_citizens.invite_to_family, 0, 201),
    RouteRow("POST", "/v1/my/family/consents", CITIZEN, of_citizens.consent_to_family, SMALL, 201, problems=(CONSENT, TICKET, LIMITED)),
    RouteRow("DELETE", "/v1/my/family/{bond_id}", CITIZEN, of_citizens.end_bond, 0, 204, problems=(NOT_FOUND,)),
    RouteRow("POST", "/v1/docked-reports", BACK_END, at_gateway.dock_reports, BATCH, problems=(AWAY,)),
    RouteRow("POST", "/v1/reconciliations", OPERATOR, of_reconciling.reconcile, SMALL, problems=(AWAY,)),
    *GB38963_ROUTES,
    *NODE_ROUTES,
)

HUB_ROUTES: Final[tuple[RouteRow[Hub], ...]] = (
    RouteRow("GET", "/v1/bundles/latest", PUBLIC, at_hub.fetch_latest_bundle, gives=COSE, problems=(NOT_FOUND,)),
    RouteRow("GET", "/v1/bundles/{number}", PUBLIC, at_hub.fetch_bundle, gives=COSE, problems=(NOT_FOUND,)),
    RouteRow("POST", "/v1/bundles", OPERATOR, at_hub.publish_bundle, 0, 201, problems=(NOT_FOUND, CONFLICT)),
    RouteRow("GET", "/v1/rule-notices", PUBLIC, of_rules.tell_notices),
    RouteRow("GET", "/v1/dry-runs/{on}", PUBLIC, of_costs.tell_dry_run, problems=(NOT_FOUND,)),
    RouteRow("POST", "/v1/rule-trials", OPERATOR, of_rules.try_rules, TRIAL, problems=(RULES, NOT_FOUND)),
    RouteRow("POST", "/v1/rule-readings", OPERATOR, of_rules.read_table, RULE_TABLE_MAX_BYTES, media_types=TOML, problems=(RULES,)),
    RouteRow("POST", "/v1/rule-proposals", OPERATOR, of_rules.propose_rules, RULE_TABLE_MAX_BYTES, 201, media_types=TOML, problems=(RULES, NOT_FOUND, CONFLICT)),
    RouteRow("GET", "/v1/rule-proposals", OPERATOR, of_rules.list_proposals),
    RouteRow("GET", "/v1/rule-proposals/{proposal_id}", OPERATOR, of_rules.tell_proposal, problems=(NOT_FOUND,)),
    RouteRow("POST", "/v1/rule-proposals/{proposal_id}/approval", OPERATOR, of_rules.approve_rules, 0, 201, problems=(RULES, NOTICE, BUNDLE, NOT_FOUND, CONFLICT)),
    RouteRow("POST", "/v1/rule-proposals/{proposal_id}/rejection", OPERATOR, of_rules.reject_rules, SMALL, 201, problems=(NOT_FOUND, CONFLICT)),
    RouteRow("POST", "/v1/profiles", OPERATOR, at_hub.publish_profile, PROFILE_MAX_BYTES, 201, media_types=TOML, problems=(PROFILE, BUNDLE, NOT_FOUND, CONFLICT)),
    RouteRow("POST", "/v1/foreign-trust", OPERATOR, at_hub.publish_foreign_trust, FOREIGN_TRUST_MAX_BYTES, 201, problems=(BUNDLE, NOT_FOUND, CONFLICT)),
    RouteRow("POST", "/v1/risk-lists", OPERATOR, of_risk.publish_risk_list, RISK_LIST_MAX_BYTES, 201, problems=(RISK, BUNDLE, NOT_FOUND, CONFLICT)),
    RouteRow("POST", "/v1/risk-level-tables", OPERATOR, of_risk.publish_level_table, BATCH, 201, media_types=CSV, problems=(RISK, BUNDLE, NOT_FOUND, CONFLICT)),
    RouteRow("GET", "/v1/risk-map", PUBLIC, of_risk.tell_risk_map),
    RouteRow("GET", "/v1/risk-levels", PUBLIC, of_risk.tell_risk_levels, problems=(NOT_FOUND,)),
    RouteRow("POST", "/v1/directory-records", OPERATOR, at_hub.publish_directory_record, BATCH, 201, problems=(BUNDLE, NOT_FOUND, CONFLICT)),
    RouteRow("POST", "/v1/subject-keys", GATEWAY_OR_SOURCE, at_hub.derive_subject_keys, BATCH),
    RouteRow("POST", "/v1/directory-records/{region}/suspension", OPERATOR, at_hub.suspend_region, 0, 201, problems=(NOT_FOUND, CONFLICT)),
    RouteRow("POST", "/v1/directory-records/{region}/resumption", OPERATOR, at_hub.resume_region, 0, 201, problems=(NOT_FOUND, CONFLICT)),
    RouteRow("POST", "/v1/directory-records/{region}/departure", OPERATOR, at_hub.end_region, 0, 201, problems=(NOT_FOUND, CONFLICT)),
    RouteRow("POST", "/v1/newer-subject-keys", GATEWAY, of_rotation.tell_newer_keys, BATCH),
    RouteRow("POST", "/v1/reports", GATEWAY, at_hub.take_in_reports, BATCH),
    RouteRow("PUT", "/v1/datasets/{dataset}/batches/{number}", GATEWAY_OR_SOURCE, of_ingest.take_in_batch, INGEST_BODY_MAX_BYTES, media_types=of_ingest.MEDIA_TYPES, problems=(NOT_FOUND, CONFLICT)),
    RouteRow("GET", "/v1/datasets/{dataset}/batches/{number}", GATEWAY_OR_SOURCE, of_ingest.tell_batch, problems=(NOT_FOUND,)),
    RouteRow("GET", "/v1/datasets/{dataset}/batches/{number}/set-aside", GATEWAY_OR_SOURCE, of_ingest.tell_set_aside, problems=(NOT_FOUND,)),
    RouteRow("POST", "/v1/datasets/{dataset}/watermark", GATEWAY_OR_SOURCE, of_ingest.say_complete, SMALL, problems=(NOT_FOUND,)),
    RouteRow("GET", "/v1/datasets/{dataset}/watermark", GATEWAY_OR_SOURCE, of_ingest.tell_watermark, problems=(NOT_FOUND,)),
    RouteRow("POST", "/v1/datasets/{dataset}/sums", SOURCE, of_reconciling.sum_own_dataset, SMALL),
    RouteRow("POST", "/v1/report-sums", GATEWAY, of_reconciling.sum_reports, SMALL),
    RouteRow("POST", "/v1/report-queries", GATEWAY, at_hub.query_reports, SMALL),
    RouteRow("POST", "/v1/person-queries", GATEWAY, of_everything.answer_gateways_query, SMALL, problems=(LIMITED,)),
    RouteRow("POST", "/v1/shared-looks", GATEWAY, of_looks.take_in_look, SMALL, 201),
    RouteRow("POST", "/v1/look-queries", GATEWAY, of_looks.query_looks, SMALL),
    RouteRow("POST", "/v1/shared-links", GATEWAY, of_links.take_in_links, BATCH, problems=(CONFLICT,)),
    RouteRow("POST", "/v1/link-queries", GATEWAY, of_links.query_links, SMALL),
    RouteRow("POST", "/v1/consultations", GATEWAY, at_federation.answer_consultation, SMALL, gives=COSE),
    RouteRow("POST", "/v1/statements", GATEWAY, at_federation.make_federation_statement, SMALL, gives=COSE, problems=(TICKET, UNCONFIRMED)),
    RouteRow("POST", "/v1/federation-explanations", GATEWAY, at_federation.explain_federation_verdict, RECEIPTS_BODY, problems=(NOT_FOUND, AWAY)),
    RouteRow("POST", "/v1/national-codes", GATEWAY, at_federation.make_national_code, SMALL, 201, problems=(UNCONFIRMED,)),
    RouteRow("POST", "/v1/declarations", GATEWAY, at_federation.take_in_declaration, SMALL, 201),
    RouteRow("POST", "/v1/carried-digests", GATEWAY, of_digests.publish_digest, SMALL, across_border=True),
    RouteRow("GET", "/v1/carried-digests/{day}", PUBLIC, of_digests.tell_digests, problems=(NOT_FOUND,)),
    RouteRow("POST", "/v1/passage-counts", GATEWAY, of_statistics.take_in_passage_counts, BATCH, 204),
    RouteRow("GET", "/v1/dataset-directory", OPERATOR, of_freshness.tell_dataset_directory),
    RouteRow("GET", "/v1/federation-status", PUBLIC, of_freshness.tell_federation_status),
    RouteRow("GET", "/v1/statistics", OPERATOR, of_statistics.tell_statistics),
    RouteRow("GET", "/v1/statistics/{table}", OPERATOR, of_statistics.tell_statistics_table, gives=of_statistics.CSV, problems=(NOT_FOUND,)),
    RouteRow("POST", "/v1/evidence", OPERATOR, at_federation.take_in_evidence, BATCH),
    *NODE_ROUTES,
)
# fmt: on
