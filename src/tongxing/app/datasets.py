"""Joins the sinks of numbered batches to the hub's record: the regions' reports, and every dataset with an owner."""

from collections.abc import Mapping

from tongxing.app.node_keys import HubKeys
from tongxing.app.one_stop import join_names
from tongxing.core.datasets import HANDED_IN
from tongxing.services.dataset_sink import EvidenceSink
from tongxing.services.ingest_ports import DatasetSink
from tongxing.services.ingesting import REPORTS, ReportSink
from tongxing.services.ports import Clock, Entropy
from tongxing.stores.sql.stores import NodeStores


def join_sinks(stores: NodeStores, keys: HubKeys, clock: Clock, entropy: Entropy) -> Mapping[str, DatasetSink]:
    """Return the sink of each dataset that comes in batches, by name."""
    names = join_names(stores, keys, entropy)
    versions = frozenset(secret.version for secret in keys.subjects)
    return {
        REPORTS: ReportSink(stores.reports),
        **{each.value: EvidenceSink(each, stores.evidence, names, versions, clock) for each in sorted(HANDED_IN)},
    }
