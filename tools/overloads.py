"""Lets the documentation have functions of which the stub gives overloads alone.

Griffe expects an implementation below the overloads, which a stub has not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from griffe import Class, Extension, Module, Object

if TYPE_CHECKING:
    from griffe import Alias


class Overloads(Extension):
    """Makes a member of the last overload, which has the docstring."""

    def on_members(self, *, obj: Object | Alias, **_kwargs: Any) -> None:
        """Add what is missing to a module or a class whose members are known."""
        if not isinstance(obj, (Class, Module)):
            return
        for name, overloads in list(obj.overloads.items()):
            if overloads and name not in obj.members:
                function = overloads[-1]
                function.overloads = list(overloads)
                obj.set_member(name, function)
