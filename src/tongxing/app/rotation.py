"""Joins what leads old subject keys over to new ones to a node's record."""

from tongxing.app.node_keys import HubKeys
from tongxing.app.one_stop import seal_names
from tongxing.app.settings import NodeSettings
from tongxing.connectors.http_exchange import SignedCaller
from tongxing.connectors.key_lineage import HttpKeyLineage
from tongxing.core.border import is_across
from tongxing.services.ports import Clock, Entropy
from tongxing.services.rederiving import Rederiving
from tongxing.stores.sql.stores import NodeStores

FIRST_VERSION = 1


def join_hub_rederiving(stores: NodeStores, keys: HubKeys, clock: Clock, entropy: Entropy) -> Rederiving:
    """Return the hub's: it knows the versions, and seals names anew."""
    version = keys.subjects[0].version
    names = seal_names(keys, entropy)
    return Rederiving(stores.rederiving, stores.links, clock, version, names=stores.masked_names, sealing=names)


def join_gateway_rederiving(stores: NodeStores, caller: SignedCaller, settings: NodeSettings) -> Rederiving:
    """Return a gateway's: it asks the hub for versions and newer keys. Across the border there are none."""
    lineage = None if is_across(settings.region_id) else HttpKeyLineage(caller, settings.hub_url or "")
    return Rederiving(stores.rederiving, stores.links, caller.clock, FIRST_VERSION, lineage=lineage)
