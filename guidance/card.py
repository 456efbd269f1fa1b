"""What the menu needs to know of an organisation's card, without a database."""

from dataclasses import dataclass

from guidance.menu import load_menu


@dataclass(frozen=True)
class Card:
    """The version that advice carries, and the codes that are off."""

    version: str
    off: frozenset[str] = frozenset()

    @classmethod
    def default(cls) -> "Card":
        """The whole menu, as it ships."""
        return cls(version=load_menu().version)
