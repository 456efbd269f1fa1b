"""What the filled portal tells the attack."""

from typing import TypedDict


class Told(TypedDict):
    """By role: the cookies to send, and the paths to begin with."""

    cookies: dict[str, str]
    paths: dict[str, list[str]]
