"""The verifier that carries no hub: a bundle, the day's verifier keys and a clock are all it needs."""

from tongxing.offline.verifier import OfflineVerifier

__all__ = ["OfflineVerifier"]
