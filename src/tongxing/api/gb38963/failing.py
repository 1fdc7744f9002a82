"""How a call of GB/T 38963-2020 tells that it failed: by return code, in the standard's own words."""

from typing import Final

from tongxing.api.calls import JSON, FailureForm, encode_json
from tongxing.api.gb38963.messages import FailureAnswer
from tongxing.api.gb38963.return_codes import RETURN_CODES, return_code_of
from tongxing.api.problems import DETAIL_MAX_CHARACTERS, Failure


def encode_return_code(failure: Failure) -> bytes:
    """Return the body of a failure. What is wrong in particular follows the return code's own words."""
    number = return_code_of(failure.problem)
    words, detail = RETURN_CODES[number].words, failure.detail[:DETAIL_MAX_CHARACTERS]
    zh, en = (f"{words.zh}：{detail}", f"{words.en}: {detail}") if detail else (words.zh, words.en)
    return encode_json(FailureAnswer(number, zh, en, failure.problem))


RETURN_CODE_FORM: Final = FailureForm(JSON, FailureAnswer, encode_return_code)
