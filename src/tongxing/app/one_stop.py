"""Joins the federation's assessor, what speaks for the federation, and one-stop queries to the hub's parts."""

from tongxing.app.node_keys import HubKeys
from tongxing.app.settings import NodeSettings
from tongxing.connectors.http_exchange import SignedCaller
from tongxing.connectors.live_sources import HttpLiveSource
from tongxing.core.words import FEDERATION
from tongxing.services.admission import Admission
from tongxing.services.assessor import Assessor
from tongxing.services.federation_desk import FederationDesk
from tongxing.services.hub_desk import KeyService, ReportDesk
from tongxing.services.live_sources import LiveSources
from tongxing.services.masked_names import MaskedNames, NameSealing
from tongxing.services.minting import CodeMinter
from tongxing.services.one_stop_hub import OneStopHub
from tongxing.services.person_documents import DocumentBook
from tongxing.services.ports import Clock, Entropy
from tongxing.services.published import Published
from tongxing.services.publishing import PublishingDesk
from tongxing.services.sealed_records import SealedRecords
from tongxing.services.stating import ExtensionDesk, StatementSigner
from tongxing.services.watermarks import WatermarkBook
from tongxing.stores.sql.stores import NodeStores


def join_names(stores: NodeStores, keys: HubKeys, entropy: Entropy) -> MaskedNames:
    """Return the masked names, each under a key of their version of subject keys."""
    return MaskedNames(stores.masked_names, seal_names(keys, entropy), DocumentBook(stores.links, stores.person_links))


def seal_names(keys: HubKeys, entropy: Entropy) -> NameSealing:
    """Return the sealing of masked names."""
    use = "masked names"
    versions = {secret.version: SealedRecords.for_use(secret.raw, use, entropy) for secret in keys.subjects}
    return NameSealing(versions, SealedRecords.for_use(keys.handles, use, entropy))


def join_assessor(
    stores: NodeStores, keys: HubKeys, key_service: KeyService, published: Published, clock: Clock, entropy: Entropy
) -> Assessor:
    """Return the assessor on the hub's evidence."""
    return Assessor(
        key_service=key_service,
        documents=DocumentBook(stores.links, stores.person_links),
        evidence=stores.evidence,
        published=published,
        marks=stores.dataset_marks,
        names=join_names(stores, keys, entropy),
        clock=clock,
    )


def join_federation(  # noqa: PLR0913 - the hub's own parts, given once
    stores: NodeStores,
    keys: HubKeys,
    reports: ReportDesk,
    assessor: Assessor,
    publishing: PublishingDesk,
    *,
    published: Published,
    clock: Clock,
    entropy: Entropy,
) -> FederationDesk:
    """Return what speaks for the federation."""
    return FederationDesk(
        reports=reports,
        assessor=assessor,
        minter=CodeMinter(FEDERATION, keys.national_code, publishing.verifier_key_on, stores.extensions, entropy),
        extensions=ExtensionDesk(stores.extensions),
        signer=StatementSigner(FEDERATION, keys.statement, keys.handles),
        sealing=keys.sealing,
        alarms=stores.alarms,
        marks=WatermarkBook(stores.ingest, clock),
        directory=lambda: published.directory,
        clock=clock,
    )


def join_one_stop(  # noqa: PLR0913, PLR0917 - what it joins
    settings: NodeSettings,
    stores: NodeStores,
    keys: HubKeys,
    assessor: Assessor,
    federation: FederationDesk,
    published: Published,
    caller: SignedCaller,
    admission: Admission,
) -> OneStopHub:
    """Return what answers one-stop queries, with the sources that the settings name."""
    sources = {dataset: HttpLiveSource(caller, url) for dataset, url in settings.live_sources.items()}
    return OneStopHub(
        assessor=assessor,
        federation=federation,
        looks=stores.looks,
        limits=stores.limits,
        marks=stores.dataset_marks,
        ingest=stores.ingest,
        names=join_names(stores, keys, caller.entropy),
        live=LiveSources(sources, caller.clock),
        published=published,
        clock=caller.clock,
        admission=admission,
    )
