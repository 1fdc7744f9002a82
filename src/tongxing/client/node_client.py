"""The client with all its methods. Written by `make docs` from the table of routes: edit there."""

from tongxing.client.calls.audit import AuditCalls
from tongxing.client.calls.case import CaseCalls
from tongxing.client.calls.citizen import CitizenCalls
from tongxing.client.calls.digest import DigestCalls
from tongxing.client.calls.dry_run import DryRunCalls
from tongxing.client.calls.federation import FederationCalls
from tongxing.client.calls.freshness import FreshnessCalls
from tongxing.client.calls.gateway import GatewayCalls
from tongxing.client.calls.gb38963 import Gb38963Calls
from tongxing.client.calls.hub import HubCalls
from tongxing.client.calls.ingest import IngestCalls
from tongxing.client.calls.link import LinkCalls
from tongxing.client.calls.look import LookCalls
from tongxing.client.calls.node import NodeCalls
from tongxing.client.calls.one_stop import OneStopCalls
from tongxing.client.calls.pairing import PairingCalls
from tongxing.client.calls.reconciling import ReconcilingCalls
from tongxing.client.calls.region import RegionCalls
from tongxing.client.calls.retention import RetentionCalls
from tongxing.client.calls.risk import RiskCalls
from tongxing.client.calls.rotation import RotationCalls
from tongxing.client.calls.rule import RuleCalls
from tongxing.client.calls.statistics import StatisticsCalls
from tongxing.client.calls.transit import TransitCalls
from tongxing.client.calls.way import WayCalls


class NodeClient(
    AuditCalls,
    CaseCalls,
    CitizenCalls,
    DigestCalls,
    DryRunCalls,
    FederationCalls,
    FreshnessCalls,
    GatewayCalls,
    Gb38963Calls,
    HubCalls,
    IngestCalls,
    LinkCalls,
    LookCalls,
    NodeCalls,
    OneStopCalls,
    PairingCalls,
    ReconcilingCalls,
    RegionCalls,
    RetentionCalls,
    RiskCalls,
    RotationCalls,
    RuleCalls,
    StatisticsCalls,
    TransitCalls,
    WayCalls,
):
    """A node, called: each operation of a gateway and of the hub is a method."""
