"""Trust lists of EU certificates: whatever stands in them, they load; each fault is found at its place."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.dcc_issuer import DccIssuer, ec_key
from tongxing.crypto.digests import sha256
from tongxing.trust.dcc_signers import SIGNER_FAULT_WORDS, SignerFault, SignerFinding, load_dcc_signers

ISSUER = DccIssuer()
OTHER = DccIssuer(ec_key(2))
KID = sha256(ISSUER.certificate)[:8]
GOOD = ISSUER.listed()


def faults(*entries: tuple[object, object]) -> list[tuple[int, SignerFault]]:
    return [(finding.place, finding.fault) for finding in load_dcc_signers(entries).findings]


def test_every_fault_has_its_words() -> None:
    assert set(SIGNER_FAULT_WORDS) == set(SignerFault)


def test_a_signer_is_found_by_the_digest_of_its_certificate() -> None:
    signers = load_dcc_signers([GOOD, OTHER.listed()])
    assert signers.find(KID) == (signers.signers[0],)
    assert signers.findings == ()
    assert signers.find(b"foo") == signers.find(b"") == ()


def test_a_stated_key_id_counts_and_the_right_one_after_it() -> None:
    signers = load_dcc_signers([ISSUER.listed(b"stated!!"), OTHER.listed(KID)])
    first, second = signers.signers
    assert signers.find(b"stated!!") == (first,)
    assert signers.find(KID) == (second, first)
    assert signers.findings == (
        SignerFinding(0, SignerFault.KID_OF_OTHER_KIND, b"stated!!".hex()),
        SignerFinding(1, SignerFault.KID_OF_OTHER_KIND, KID.hex()),
    )


def test_all_signers_that_share_a_key_id_are_found_in_the_lists_order() -> None:
    signers = load_dcc_signers([ISSUER.listed(b"sharedid"), OTHER.listed(b"sharedid"), GOOD])
    assert signers.find(b"sharedid") == signers.signers[:2]


def test_each_fault_is_found_at_its_place_and_the_others_count() -> None:
    entries: list[tuple[object, object]] = [
        (None, None),
        (None, ""),
        (None, 5),
        (None, "nonsense"),
        ("not base64!", GOOD[1]),
        (7, GOOD[1]),
        GOOD,
    ]
    assert faults(*entries) == [
        (0, SignerFault.CERTIFICATE_MISSING),
        (1, SignerFault.CERTIFICATE_MISSING),
        (2, SignerFault.CERTIFICATE_MISSING),
        (3, SignerFault.CERTIFICATE_UNREADABLE),
        (4, SignerFault.KID_UNREADABLE),
        (5, SignerFault.KID_UNREADABLE),
    ]
    assert len(load_dcc_signers(entries).find(KID)) == 3


def test_an_empty_list_loads() -> None:
    assert load_dcc_signers([]).find(KID) == ()


_ANY: Any = st.none() | st.integers() | st.text(max_size=40) | st.binary(max_size=40) | st.just(GOOD[1])


@given(st.lists(st.tuples(_ANY, _ANY), max_size=5))
def test_any_entries_load(entries: list[tuple[object, object]]) -> None:
    signers = load_dcc_signers(entries)
    assert len(signers.signers) == sum(certificate == GOOD[1] for _, certificate in entries)
