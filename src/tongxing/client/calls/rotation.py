"""The calls of the kind `rotation`. Written by `make docs` from the table of routes: edit there."""

from tongxing.api.rotation_calls import (
    HeldKeysMessage,
    KeyRotationAnswer,
    NewestKeysAnswer,
)
from tongxing.client.calling import Calls


class RotationCalls(Calls):
    """The methods of the kind `rotation`."""

    async def tell_key_rotation(self) -> KeyRotationAnswer:
        """Tell how much is held under subject keys of the current version, and how much under older ones."""
        return await self.fetch(
            KeyRotationAnswer,
            "GET",
            "/v1/key-rotation",
        )

    async def tell_newer_keys(
        self,
        body: HeldKeysMessage,
    ) -> NewestKeysAnswer:
        """Tell a gateway the newest keys of subjects that it holds under older ones, as far as they are known."""
        return await self.fetch(
            NewestKeysAnswer,
            "POST",
            "/v1/newer-subject-keys",
            body=body,
        )
