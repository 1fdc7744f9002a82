"""Ways: the three ways in which a region takes part in recognition (design, the head). A region may use several."""

from enum import StrEnum

from tongxing.core.words import Sentence


class Way(StrEnum):
    """One way of recognition, by its number in the platform's own list."""

    SHARED_DATA = "shared_data"
    CONVERSION = "conversion"
    ADOPTION = "adoption"


WAY_WORDS: dict[Way, Sentence] = {
    Way.SHARED_DATA: Sentence("共享数据（方式一）", "shared data (way 1)"),
    Way.CONVERSION: Sentence("转码（方式二）", "conversion (way 2)"),
    Way.ADOPTION: Sentence("直接采用全国码（方式三）", "adoption of the national code (way 3)"),
}
