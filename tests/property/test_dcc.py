"""A changed bit of an EU certificate never changes what is accepted: at every position, in each layer, of each kind.

Bits outside the signature's reach (the unprotected header, heads, how it was compressed) may change; then what was
signed is the same, byte by byte. ``python -m tests.property.test_dcc`` turns every bit of every valid case of the EU.
"""

import sys
from collections.abc import Iterator
from datetime import datetime

import base45
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import given
from hypothesis import strategies as st

from tests.dcc_issuer import AT, DccIssuer, content, unwrap, wrap, wrap_compressed
from tests.dcc_samples import SAMPLES
from tongxing.core.errors import Rejected
from tongxing.core.limits import SCAN_MAX_CHARACTERS
from tongxing.crypto.digests import sha256
from tongxing.trust.dcc import verify_dcc
from tongxing.trust.dcc_signers import DccSigners, load_dcc_signers
from tongxing.wire.dcc import parse_dcc

ISSUER = DccIssuer()
RSA_ISSUER = DccIssuer(rsa.generate_private_key(65537, 2048))
SIGNERS = load_dcc_signers([ISSUER.listed(), RSA_ISSUER.listed()])
UNPROTECTED = ISSUER.make(content(), protected={}, unprotected={1: -7, 4: sha256(ISSUER.certificate)[:8]})
CODES = {"ES256": ISSUER.make(content()), "PS256": RSA_ISSUER.make(content()), "unprotected": UNPROTECTED}


def flipped(data: bytes) -> Iterator[bytes]:
    for place in range(len(data)):
        for bit in range(8):
            yield data[:place] + bytes((data[place] ^ 1 << bit,)) + data[place + 1 :]


def of_each_layer(qr_text: str) -> Iterator[str]:
    """Yield the code with each single bit changed: of its text, of what was compressed, of the envelope."""
    yield from (changed.decode("latin-1") for changed in flipped(qr_text.encode()))
    yield from map(wrap_compressed, flipped(base45.b45decode(qr_text[4:])))
    yield from map(wrap, flipped(unwrap(qr_text)))


def count_accepted(qr_text: str, signers: DccSigners, at: datetime) -> tuple[int, int]:
    """Return how many changed codes were tried and accepted; raises where one was accepted with other signed bytes."""
    right, verified = parse_dcc(qr_text).to_be_signed, verify_dcc(qr_text, signers, at)
    tried = accepted = 0
    for changed in of_each_layer(qr_text):
        tried += 1
        try:
            found = verify_dcc(changed, signers, at)
        except Rejected:
            continue
        accepted += 1
        # A key that verifies without its name tells all that it told with it.
        assert parse_dcc(changed).to_be_signed == right, changed
        assert found.proofs == verified.proofs, changed
    return tried, accepted


@pytest.mark.parametrize("kind", CODES)
def test_a_changed_bit_is_refused_or_changes_nothing_that_was_signed(kind: str) -> None:
    tried, accepted = count_accepted(CODES[kind], SIGNERS, AT)
    assert accepted < tried / 50


@given(st.text(max_size=60) | st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:", max_size=60))
def test_any_text_is_refused_with_a_reason(text: str) -> None:
    with pytest.raises(Rejected):
        verify_dcc(f"HC1:{text}", SIGNERS, AT)


@given(st.binary(max_size=80))
def test_any_bytes_in_each_layer_are_refused_with_a_reason(data: bytes) -> None:
    for text in (wrap_compressed(data), wrap(data), wrap(ISSUER.envelope(data))):
        if len(text) <= SCAN_MAX_CHARACTERS:
            with pytest.raises(Rejected):
                verify_dcc(text, SIGNERS, AT)


@given(st.integers(0, 2_000))
def test_a_code_that_is_cut_off_anywhere_is_refused(length: int) -> None:
    code = CODES["ES256"]
    with pytest.raises(Rejected):
        verify_dcc(code[: length % len(code)], SIGNERS, AT)


if __name__ == "__main__":
    for name, sample in SAMPLES.items():
        if all(sample.labels.values()):
            tried, accepted = count_accepted(sample.qr_text, sample.signers, sample.at)
            sys.stdout.write(f"{name}: {tried} codes with one changed bit, {accepted} accepted, with what was signed\n")
