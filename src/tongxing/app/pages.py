"""Pages: what a node serves to browsers. Made once at start, by language, and sent as they are.

A page holds nothing of any person or moment: what changes is fetched by its script from the API, in
the role of whoever uses it. So whoever builds the pages and whoever serves them need not know each other.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from tongxing.core.words import Language


@dataclass(frozen=True, slots=True)
class Page:
    """One page or part of a page. ``bodies`` has each language, equal where there is nothing to say."""

    path: str
    content_type: str
    bodies: Mapping[Language, bytes]
    headers: tuple[tuple[bytes, bytes], ...] = ()
