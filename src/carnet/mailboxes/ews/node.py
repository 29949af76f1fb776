"""What is an element of a request or a reply, whatever library writes and reads it?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """An element: its name as in "t:ItemId" ("m" for messages, "t" for types), its attributes, its text, what is inside."""

    name: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    text: str = ""
    inside: tuple[Node, ...] = ()

    def find(self, *names: str) -> Node | None:
        """The first element that those names lead to, one inside the other."""
        found: Node | None = self
        for name in names:
            found = next((each for each in found.inside if each.name == name), None) if found else None
        return found

    def each(self, *names: str) -> Iterator[Node]:
        """What is inside the element that those names lead to."""
        found = self.find(*names)
        yield from found.inside if found else ()

    def said(self, *names: str) -> str:
        """The text of the element that those names lead to, "" where it is not there."""
        found = self.find(*names)
        return found.text if found else ""

    def get(self, attribute: str) -> str:
        """An attribute, "" where it is not there."""
        return self.attributes.get(attribute, "")


def node(name: str, *inside: Node | str | None, **attributes: str) -> Node:
    """An element with that inside, text or elements; None is left out."""
    text = "".join(each for each in inside if isinstance(each, str))
    return Node(name=name, attributes=attributes, text=text, inside=tuple(each for each in inside if isinstance(each, Node)))
