"""Every limit in one place, with its unit in its name, and why."""

from datetime import timedelta
from typing import Final

SCAN_MAX_CHARACTERS: Final = 4_296
"""The most that a QR code (version 40, level L, alphanumeric) can hold; ISO/IEC 18004."""

NATIONAL_CODE_MAX_BYTES: Final = 220
"""Design, *Formats*: at most 220 bytes in QR version 11."""

STATEMENT_MAX_BYTES: Final = 4_096
BUNDLE_MAX_BYTES: Final = 16 * 1024 * 1024
PICTURE_MAX_BYTES: Final = 8 * 1024 * 1024
PICTURE_BODY_MAX_BYTES: Final = PICTURE_MAX_BYTES // 3 * 4 + 1024
"""A picture as base64 in JSON, with what is said besides."""

PICTURE_MAX_PIXELS: Final = 25_000_000
BACK_END_ANSWER_MAX_BYTES: Final = 64 * 1024
REQUEST_BODY_MAX_BYTES: Final = 4 * 1024 * 1024
SCAN_BODY_MAX_BYTES: Final = 48 * 1024
"""A code, what the guard says of the person, and the foreign codes shown beside: eight of the largest QR codes."""

REQUEST_HEAD_MAX_BYTES: Final = 16 * 1024
"""A request's first line and headers; an RFC 9421 signature with its input takes about 500 bytes."""

FOREIGN_TRUST_MAX_BYTES: Final = 8 * 1024 * 1024
"""Half of a bundle: the EU's longest list has about 3 MB of certificates."""

RISK_LIST_MAX_BYTES: Final = 32 * 1024 * 1024
REPORTS_PER_BATCH_MAX: Final = 1_000
KEPT_PER_PUT_MAX: Final = 4_000
"""Reports that go to the store at once, in the form that it keeps: some 30 ms of its one writer."""

SUBJECTS_PER_LOOKUP_MAX: Final = 4_000
"""As many keys as a batch of reports has while versions of the secret behind them are rotated."""

INGEST_BODY_MAX_BYTES: Final = 16 * 1024 * 1024
INGEST_UNPACKED_MAX_BYTES: Final = 32 * 1024 * 1024
"""A numbered batch as it comes, and unpacked: 20,000 reports of a usual size are 7 MB."""

INGEST_ROWS_MAX: Final = 20_000
WAITING_ROWS_MAX: Final = 2_000_000
"""So many docked rows wait for the key service, sealed, while the hub is away: some 600 MB; then the back end waits."""

EVIDENCE_PER_BATCH_MAX: Final = 1_000
STAYS_PER_DECLARATION_MAX: Final = 32
"""More places than that in fourteen days are a mistake of whoever fills in the form."""

SHC_CHUNKS_MAX: Final = 16
"""A SMART Health Card in more QR codes than that is no card; the framework advises one, and for lists three."""

SHC_PAYLOAD_MAX_BYTES: Final = 128 * 1024
"""A card unpacked: those of one QR code have about 1.5 KiB."""

CBOR_MAX_DEPTH: Final = 8
JSON_MAX_DEPTH: Final = 32

NATIONAL_CODE_LIFE: Final = timedelta(seconds=60)
"""How long a displayed national code is made for (domain sheet, *Codes and tickets*)."""

NATIONAL_CODE_LIFE_MAX: Final = timedelta(seconds=120)
"""A code that claims more is refused, whoever signed it."""

TRANSIT_PASS_MAX_BYTES: Final = 320
"""A pass with the longest route and plate has 309; in digits it fits QR version 13."""

TRANSIT_PASS_LIFE_MAX: Final = timedelta(hours=72)
"""From its issue to its end: a journey across the country and back to rest (assumed)."""

TRANSIT_ROUTE_MAX: Final = 16
"""More divisions than that on one journey are no route."""

FREIGHT_STOP_MAX: Final = timedelta(hours=4)
"""A stop of goods on the way that is not longer is no stay (facts, 2022-04: no asterisk for up to four hours)."""

CLOCK_SKEW: Final = timedelta(seconds=30)
"""How far two honest clocks may differ."""

STATEMENT_LIFE: Final = timedelta(seconds=30)
TICKET_LIFE: Final = timedelta(seconds=120)
SESSION_LIFE: Final = timedelta(minutes=15)
PAIRING_LIFE: Final = timedelta(minutes=10)
"""So long an operator has to carry a pairing's link to the phone beside; it is good once."""

PAIRINGS_MAX: Final = 1_000
SESSION_RECHECK: Final = timedelta(seconds=5)
"""How long a session may go on after its credential was revoked by another process on the same store."""

SESSIONS_PER_CREDENTIAL_MAX: Final = 4
SESSIONS_MAX: Final = 50_000
"""All sessions of one node, about 500 bytes each; one more ends the oldest."""

NONCE_MIN_CHARACTERS: Final = 16
NONCE_MAX_CHARACTERS: Final = 128
REQUEST_SIGNATURE_LIFE: Final = timedelta(seconds=60)
SUBJECT_KEYS_HELD: Final = timedelta(hours=1)
"""How long a gateway goes on with subject keys that it has once been told, also while the hub is away."""

VERDICT_KEPT: Final = timedelta(hours=24)
"""How long the people's views of a verdict can be read again."""

BUNDLE_LIFE: Final = timedelta(days=7)
"""After its issue a bundle can decide for so long without a newer one; its age is always told."""

REQUEST_READ_SECONDS: Final = 5.0
"""In this time a request's head must have arrived, and then in each such stretch some of its body."""

BODY_WINDOW_MIN_BYTES: Final = 64 * 1024
"""How much: a body that trickles in holds memory and a connection for next to nothing."""

REQUESTS_IN_FLIGHT_MAX: Final = 1_024
"""A node that has so many requests unanswered tells the next one at once that it is overloaded."""

REQUESTS_IN_FLIGHT_MIN: Final = 8
"""However long they wait for their turn, so many are worked on at once."""

ANSWER_TARGET_SECONDS: Final = 0.1
"""A node that has no idle moment, and whose answers mostly take longer than that, takes in less."""

RETRY_AFTER_SECONDS_MAX: Final = 5
"""Whoever is turned away is told to come again in 1 to so many seconds, by chance, so that they do not come in step."""

VERDICT_DEADLINE_SECONDS: Final = 2.0
GATEWAY_DEADLINE_SECONDS: Final = 1.8
BACK_END_DEADLINE_SECONDS: Final = 1.4
CONSULTATION_DEADLINE_SECONDS: Final = 0.3
"""Asking the hub for what other regions say is worth so much of a scan's time and no more."""

CONVERSION_LIFE: Final = timedelta(hours=24)
"""The most that a converted code lives, however long its source does; it is evaluated anew at each display and scan."""

CARRIED_STATEMENT_LIFE: Final = timedelta(minutes=10)
"""For so long a traveller can hand over a statement that they carry; once, and to one region."""

RENEWAL_TOKEN_MAX_BYTES: Final = 2_048
EXCHANGE_TOKEN_LIFE: Final = timedelta(seconds=60)
"""So long whoever had a code verified can ask for the result; then it is scanned again."""

PRINTED_CODE_LIFE: Final = timedelta(days=180)
LOOK_KEPT: Final = timedelta(days=90)
"""How long people can see who has looked them up by their document."""

LOOKS_TOLD_MAX: Final = 100
DOCUMENTS_PER_DEVICE_PER_MINUTE: Final = 10
"""A guard types a document in half a minute; more comes from a machine."""

DOCUMENTS_PER_SUBJECT_PER_DAY: Final = 20
"""Whoever passes more checkpoints a day without a phone is looked for by somebody (assumed)."""

LOOKS_PER_BACK_END_PER_MINUTE: Final = 6_000
"""A hundred a second through one system's key; a region that opens more codes enrols more keys (assumed)."""

LOOKS_PER_SUBJECT_PER_DAY: Final = 200
"""Whoever opens a code more often than every seven minutes, day and night, is looked for by a machine (assumed)."""

DECLARATIONS_PER_CITIZEN_PER_DAY: Final = 20
"""Whoever declares more stays a day than a journey has is no traveller (assumed)."""

SIGN_IN_LIFE: Final = timedelta(minutes=10)
"""So long a person may stay at the identity provider's page."""

SIGN_INS_MAX: Final = 10_000
CITIZEN_SESSION_LIFE: Final = timedelta(hours=1)
"""As long as subject keys are held: a session never outlives two versions of them."""

CITIZEN_SESSIONS_MAX: Final = 100_000
CODES_PER_CITIZEN_PER_MINUTE: Final = 20
"""A page makes one a minute for each of a family; more comes from a machine."""

RECEIPTS_MAX: Final = 60
"""The codes of one hour, one a minute."""

FAMILY_INVITATION_LIFE: Final = timedelta(minutes=10)
FAMILY_INVITATIONS_MAX: Final = 10_000
FAMILY_BOND_LIFE: Final = timedelta(days=365)
"""After that the member is asked again (assumed)."""

NOTICE_PERIOD: Final = timedelta(hours=48)
"""So long before it changes anything a rule table is announced, unless it says why it is urgent."""

PROPOSAL_LIFE: Final = timedelta(days=7)
"""A proposed rule table that nobody approved in this time is proposed anew: what is in force has moved on."""

PROVING_SECONDS_MAX: Final = 60
"""So long a proof of rule tables may take, of the clock and of the processor,"""

PROVING_SECONDS_A_TABLE: Final = 2
"""and so much longer for each table of the book, of which a change of the national one proves all."""

PROVING_MEMORY_MAX_BYTES: Final = 1024 * 1024 * 1024
"""The address space of a proving worker, the solver's own library included."""

CASE_DECIDE_WITHIN: Final = timedelta(hours=24)
"""Where no profile says within what time a case is decided: the federation's own (assumed),"""

CASE_LIMIT_WITHIN: Final = timedelta(hours=48)
"""and at the very latest."""

CASE_KEPT: Final = timedelta(days=180)
"""So long after its end a person can read what became of a case; it names nobody by then."""

CASES_PER_PERSON_PER_DAY: Final = 10
"""Whoever has more to object to is served at a desk (assumed)."""

CASES_TOLD_AT_ONCE: Final = 200
"""How many waiting cases one round tells, those that waited longest first."""

ONE_STOP_DEADLINE_SECONDS: Final = 0.8
"""All of a one-stop query: what has not answered by then is told as unavailable."""

ONE_STOP_RESERVE_SECONDS: Final = 0.1
"""Of which so much is kept for putting the answer together and carrying it."""

ONE_STOPS_PER_GATEWAY_PER_MINUTE: Final = 60_000
"""A thousand a second from one region (assumed: Guangdong's whole load was 23,300/s of which few open details)."""

ONE_STOPS_PER_OPERATOR_PER_MINUTE: Final = 10
ONE_STOPS_PER_CITIZEN_PER_MINUTE: Final = 20
ONE_STOPS_PER_SUBJECT_PER_DAY: Final = 200
"""As many looks as ``LOOKS_PER_SUBJECT_PER_DAY``, here for all regions together (assumed)."""

PANELS_AT_ONCE_MAX: Final = 128
"""So many queries at once are answered with details; beyond, reports alone are told: verdicts before panels."""

FINDINGS_TOLD_MAX: Final = 200
LIVE_ANSWER_MAX_BYTES: Final = 256 * 1024
LIVE_PIECES_MAX: Final = 500

MASKED_NAME_KEPT: Final = timedelta(days=180)
"""So long after it was last handed in what may be shown of a name is kept (assumed)."""
