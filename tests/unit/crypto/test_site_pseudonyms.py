"""A pseudonym means something at one site on one day only."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tongxing.crypto.site_pseudonyms import PSEUDONYM_BYTES, SitePseudonyms

SECRET = b"INSECURE_TEST_sites"
DAY = date(2020, 3, 21)
texts = st.text(max_size=40)
days = st.dates(date(2020, 1, 1), date(2023, 12, 31))


@given(
    one=st.tuples(texts, days, texts),
    other=st.tuples(texts, days, texts),
)
def test_two_pseudonyms_are_equal_only_where_site_day_and_handle_are(
    one: tuple[str, date, str], other: tuple[str, date, str]
) -> None:
    """One person at two sites, or on two days, is two people to whoever joins the records."""
    pseudonyms = SitePseudonyms(SECRET)
    assert (pseudonyms.make(*one) == pseudonyms.make(*other)) is (one == other)


def test_a_site_and_a_day_that_run_into_one_another_are_told_apart() -> None:
    pseudonyms = SitePseudonyms(SECRET)
    assert pseudonyms.make("gate", DAY, "h") != pseudonyms.make(f"gate{DAY.isoformat()}"[:-10], DAY + timedelta(1), "h")
    assert pseudonyms.make("a", DAY, "bc") != pseudonyms.make("ab", DAY, "c")


def test_a_pseudonym_is_the_same_for_another_process_with_the_same_secret_and_for_no_other() -> None:
    told = SitePseudonyms(SECRET).make("gate", DAY, "handle")
    assert len(told) == PSEUDONYM_BYTES
    assert SitePseudonyms(SECRET).make("gate", DAY, "handle") == told
    assert SitePseudonyms(b"INSECURE_TEST_other").make("gate", DAY, "handle") != told


def test_more_sites_than_are_held_are_pseudonymous_all_the_same() -> None:
    pseudonyms = SitePseudonyms(SECRET)
    first = pseudonyms.make("gate 0", DAY, "h")
    made = {pseudonyms.make(f"gate {number}", DAY, "h") for number in range(5_000)}
    assert len(made) == 5_000
    assert pseudonyms.make("gate 0", DAY, "h") == first


def test_the_secret_is_in_no_printed_form() -> None:
    assert "INSECURE_TEST" not in repr(SitePseudonyms(SECRET))
