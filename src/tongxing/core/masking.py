"""Masking: what of a name or document may be shown (facts, A: surname only; first and last two of the number)."""

HINT_MAX_CHARACTERS = 8
MASKED_WHOLE_BELOW_CHARACTERS = 6


def mask_name(name: str) -> str:
    """Keep the first character and say how many follow: ``张三丰`` → ``张**``; at most eight characters."""
    stripped = name.strip()
    if not stripped:
        return ""
    return (stripped[0] + "*" * (len(stripped) - 1))[:HINT_MAX_CHARACTERS]


def mask_document_number(number: str) -> str:
    """Keep the first and last two characters of a number of at least six; mask shorter ones whole."""
    if len(number) < MASKED_WHOLE_BELOW_CHARACTERS:
        return "*" * len(number)
    return f"{number[:2]}{'*' * (len(number) - 4)}{number[-2:]}"
