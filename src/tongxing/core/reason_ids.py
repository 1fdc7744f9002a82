"""The stages of the pipeline, and the slug of every reason by its stage. What each says: ``core.reasons``."""

from enum import IntEnum, StrEnum


class Stage(IntEnum):
    """The numbered stages of the pipeline (design, *The pipeline*)."""

    READ = 1
    AUTHENTICATE = 2
    TIME = 3
    STATUS = 4
    TRANSLATE = 5
    COMBINE = 6
    DECIDE = 7
    RECORD = 8


class ReasonId(StrEnum):
    """The slug of a reason."""

    # (1) read
    EMPTY_SCAN = "empty_scan"
    SCAN_TOO_LONG = "scan_too_long"
    NOT_A_CODE = "not_a_code"
    WEB_ADDRESS = "web_address"
    MALFORMED_CODE = "malformed_code"
    UNSUPPORTED_VERSION = "unsupported_version"
    PICTURE_UNREADABLE = "picture_unreadable"
    PICTURE_TOO_LARGE = "picture_too_large"
    PICTURE_WITHOUT_CODE = "picture_without_code"
    SEVERAL_CODES = "several_codes"
    FOREIGN_CONTENT = "foreign_content"
    CHUNKS_MISSING = "chunks_missing"
    FOREIGN_CODE_ALONE = "foreign_code_alone"
    # (2) authenticate
    UNKNOWN_ISSUER = "unknown_issuer"
    ISSUER_SUSPENDED = "issuer_suspended"
    UNKNOWN_KEY = "unknown_key"
    ALGORITHM_REFUSED = "algorithm_refused"
    SIGNATURE_INVALID = "signature_invalid"
    KEY_USAGE_REFUSED = "key_usage_refused"
    # (3) time
    CODE_EXPIRED = "code_expired"
    CODE_NOT_YET_VALID = "code_not_yet_valid"
    CODE_LIFE_TOO_LONG = "code_life_too_long"
    TRANSIT_EXPIRED = "transit_expired"
    TRANSIT_NOT_YET_VALID = "transit_not_yet_valid"
    TRANSIT_LIFE_TOO_LONG = "transit_life_too_long"
    FOREIGN_EXPIRED = "foreign_expired"
    FOREIGN_NOT_ACTIVE = "foreign_not_active"
    TIME_IMPLAUSIBLE = "time_implausible"
    BUNDLE_TOO_OLD = "bundle_too_old"
    BUNDLE_FROM_THE_FUTURE = "bundle_from_the_future"
    # (4) status
    FOREIGN_REVOKED = "foreign_revoked"
    TRANSIT_OFF_ROUTE = "transit_off_route"
    TRANSIT_WITHDRAWN = "transit_withdrawn"
    SEALED_PART_UNREADABLE = "sealed_part_unreadable"
    VERIFIER_KEY_MISSING = "verifier_key_missing"
    TICKET_UNKNOWN = "ticket_unknown"
    TICKET_EXPIRED = "ticket_expired"
    TICKET_USED = "ticket_used"
    GATEWAY_AWAY = "gateway_away"
    GATEWAY_SLOW = "gateway_slow"
    HUB_AWAY = "hub_away"
    SOURCE_AWAY = "source_away"
    SOURCE_SLOW = "source_slow"
    SOURCE_UNREADABLE = "source_unreadable"
    SOURCE_REFUSED = "source_refused"
    OTHER_PERSONS_RECORD = "other_persons_record"
    STATEMENT_FORGED = "statement_forged"
    STATEMENT_KEY_UNKNOWN = "statement_key_unknown"
    STATEMENT_OUT_OF_TIME = "statement_out_of_time"
    STATEMENT_FOR_ANOTHER_QUERY = "statement_for_another_query"
    CARRY_ACROSS = "carry_across"
    # (5) translate
    STATUS_UNKNOWN = "status_unknown"
    REPORT_EXPIRED = "report_expired"
    REPORT_PENDING = "report_pending"
    NO_RECORD = "no_record"
    IDENTITY_MISMATCH = "identity_mismatch"
    # (6) combine
    EARLIER_REPORT_UNRESOLVED = "earlier_report_unresolved"
    # (7) decide
    NOT_CHECKED_HERE = "not_checked_here"
    LOW_LEVEL_LOW_ORIGIN = "low_level_low_origin"
    LOW_LEVEL = "low_level"
    LEVEL_HIGH = "level_high"
    LEVEL_MEDIUM = "level_medium"
    ORIGIN_HIGH = "origin_high"
    ORIGIN_MEDIUM = "origin_medium"
    ORIGIN_MIXED = "origin_mixed"
    ORIGIN_UNKNOWN = "origin_unknown"
    LOCAL_CONDITION = "local_condition"
    FEVER_MEASURED_HERE = "fever_measured_here"
    LOCAL_MEASURES = "local_measures"
    GROUP_RULE = "group_rule"
    PROOF_SHOWN = "proof_shown"
    PROOF_ASKED = "proof_asked"
    POSITIVE_PROOF = "positive_proof"
    NO_RULE_IN_FORCE = "no_rule_in_force"
