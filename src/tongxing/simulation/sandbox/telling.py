"""What the sandbox says at its start: each region's address, how it is asked, and a few people with their codes."""

from collections.abc import Iterator, Mapping

from rich.console import Console
from rich.text import Text

from tongxing.connectors.conversing import Conversation
from tongxing.core.words import RegionId
from tongxing.simulation.sandbox.application import RECORDS_PATH
from tongxing.simulation.sandbox.sites import Site


def tell_sites(
    console: Console,
    sites: Mapping[RegionId, Site],
    rehearsed: Mapping[RegionId, Conversation],
    board_url: str,
    shown: int,
) -> None:
    """Print all of it; ``shown`` people of each region, each in another state."""
    for site in sites.values():
        console.print(Text("\n".join(_lines_of(site, rehearsed.get(site.profile.region), shown))))
    console.print(Text("\n".join(_end(sites, board_url))))


def _lines_of(site: Site, conversation: Conversation | None, shown: int) -> Iterator[str]:
    profile, records = site.profile, site.premises.records
    number = ""
    code_name = profile.find_code_name(site.premises.clock.now())
    names = f"{profile.name.zh} {profile.name.en}"
    yield f"{profile.region} {names}" + ("" if code_name is None else f" · {code_name.zh} {code_name.en}")
    yield f"  地址 address      {site.url}   ({profile.family})"
    if not site.has_code:
        yield "  询问 ask          没有本地健康码，无可询问 · no code of its own: its people show the national code"
        yield f"                    GET {RECORDS_PATH}   对接记录 its docking rows, in the words of its own records"
    for exchange in () if conversation is None else conversation.exchanges:
        request = exchange.request
        yield f"  询问 ask          {request.method} {request.path}"
        yield "                    " + "   ".join(f"{name}: {value}" for name, value in request.headers.items())
        yield f"                    {request.body.decode()}"
    if site.credentials:
        yield "  凭证 credentials  " + "   ".join(f"{name}={value}" for name, value in site.credentials.items())
    if site.premises.faults.kind is not None:
        yield f"  故障 fault        {site.premises.faults.kind}"
    now = site.premises.clock.now()
    for person in list(site.one_in_each())[:shown]:
        record, number = records.record_of(person, now), person.document.number
        words = " ".join((record.status or "(空 empty)", *record.told))
        yield f"  人员 person       {person.document.number} {person.name}   {words}"
        if site.has_code:
            yield f"                    {site.dialect.show(person)}"
    if profile.one_time_code and number:
        yield "  一次性 one-time    每次查验后重新出示 show it anew for each check:"
        yield f'                    POST {site.url}/_show {{"person": {{"number": "{number}"}}}}'
    yield ""


def _end(sites: Mapping[RegionId, Site], board_url: str) -> Iterator[str]:
    yield f"总控台 switchboard  {board_url}   设置人员状态和系统故障 · set people's statuses and faults"
    yield f"{len(sites)} 个系统已就绪，Ctrl-C 停止 · {len(sites)} back end(s) ready; Ctrl-C stops"
