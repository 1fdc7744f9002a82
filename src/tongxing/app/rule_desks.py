"""The hub's desks for rule tables, joined: proposals and decisions on them, and trials."""

from dataclasses import dataclass

from tongxing.services.access import Access
from tongxing.services.ports import Clock, Entropy
from tongxing.services.publishing import PublishingDesk
from tongxing.services.rule_desk import RuleDesk
from tongxing.services.rule_ports import ProposalStore, Prover
from tongxing.services.rule_trials import RuleTrials


@dataclass(frozen=True, slots=True)
class RuleDesks:
    """What the hub does with rule tables."""

    desk: RuleDesk
    trials: RuleTrials


def join_rule_desks(
    publishing: PublishingDesk,
    prover: Prover,
    proposals: ProposalStore,
    access: Access,
    clock: Clock,
    entropy: Entropy,
) -> RuleDesks:
    """Return both desks on one publishing desk and one prover."""
    return RuleDesks(
        RuleDesk(
            publishing=publishing, proposals=proposals, prover=prover, access=access, clock=clock, entropy=entropy
        ),
        RuleTrials(publishing=publishing, prover=prover, clock=clock),
    )
