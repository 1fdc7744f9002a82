"""The calls of transit passes at a gateway: a back end makes and withdraws them. They are verified as codes are."""

from tongxing.api.calls import Call, NoQuery
from tongxing.api.transit_messages import TransitPassAnswer, TransitPassMessage
from tongxing.app.nodes import Gateway
from tongxing.core.documents import normalise_document
from tongxing.core.errors import Refused
from tongxing.core.problems import ProblemId
from tongxing.core.provinces import name_division
from tongxing.core.transit import normalise_plate, parse_route
from tongxing.recognition.view_words import Words
from tongxing.services.transit_passes import Journey


async def make_transit_pass(node: Gateway, call: Call[TransitPassMessage, NoQuery]) -> TransitPassAnswer:
    """Make a transit pass for one of this region's drivers with one vehicle on one route."""
    message = call.body
    try:
        journey = Journey(
            normalise_plate(message.plate), parse_route(message.route), message.valid_until, message.valid_from
        )
    except ValueError as wrong:
        raise Refused(ProblemId.BAD_REQUEST, str(wrong)) from wrong
    document = normalise_document(message.document.type, message.document.number)
    made = await node.ways.transit_passes.make(
        message.serial, bytes.fromhex(message.random), document, message.name, journey
    )
    names = [name_division(division) for division in journey.route]
    return TransitPassAnswer(
        qr_text=made.qr_text,
        pass_id=made.pass_id,
        plate=journey.plate,
        route=[Words(name.zh, name.en) for name in names],
        valid_from=made.valid_from,
        valid_until=made.expires_at,
    )


async def withdraw_transit_pass(node: Gateway, call: Call[None, NoQuery]) -> None:
    """Withdraw a transit pass that was made here, for good."""
    await node.ways.transit_passes.withdraw(call.path["pass_id"])
