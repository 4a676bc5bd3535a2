"""What a user sees when an input is wrong: what, where, and what is allowed."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Sequence
from typing import Self


class Message(str):
    """A text with fields, in English, that can be told in another language.

    Parameters
    ----------
    text : str
        The English as catalogues have it. Without fields it is taken as it stands, braces too.
    **fields : object
        What stands in the braces. A message is told in its turn, and so is that of an error.
    """

    text: str
    fields: dict[str, object]

    def __new__(cls, text: str, /, **fields: object) -> Self:
        """Fill in the fields."""
        if isinstance(text, cls) and not fields:
            return text
        fields = {name: _message(value) for name, value in fields.items()}
        self = super().__new__(cls, text.format(**fields) if fields else text)
        self.text, self.fields = text, fields
        return self

    def __getnewargs_ex__(self) -> tuple[tuple[str], dict[str, object]]:
        """Give what it is made of, for a process that it is sent to."""
        return (self.text,), self.fields

    def told(self, translate: Callable[[str], str]) -> str:
        """Give it with its text, and the messages in it, translated."""
        text = translate(self.text)
        if not self.fields:
            return text
        return text.format(
            **{
                name: value.told(translate) if isinstance(value, Message) else value
                for name, value in self.fields.items()
            }
        )


def _message(value: object) -> object:
    """Give an error's message in place of the error, which may hold what cannot be sent."""
    if isinstance(value, _Told):
        return value.message
    return str(value) if isinstance(value, Exception) else value


class _Told(Exception):
    def __init__(self, text: str, /, **fields: object) -> None:
        self.message = Message(text, **fields)
        super().__init__(self.message)


class InputError(_Told, ValueError):
    """Input that a person can mend: a file, a key, a name, a date or a number.

    The command line prints its message alone and ends with exit code 2; nothing has been written
    by then.

    Parameters
    ----------
    text, **fields
        Of its `Message`.
    """


class EnvironmentProblem(_Told, RuntimeError):
    """Something is wrong with the machine, not with the input: a setting, a disk, the memory.

    The command line prints its message alone and ends with exit code 1.

    Parameters
    ----------
    text, **fields
        Of its `Message`.
    """


class StoreError(EnvironmentProblem):
    """A store of results that cannot be written or read: a full disk, a broken file.

    The command line prints its message alone and ends with exit code 1; what was written before
    stays whole.

    Parameters
    ----------
    text, **fields
        Of its `Message`.
    """


RENAMED = {"second-pact-2016": "as-recorded", "second-pact": "own-order-2016"}
"""Scenarios and events of 0.1.0 under the names that they have now."""

GONE = {
    "reach_hostile": Message(
        "taken out after 0.1.0: what a hostile minister does goes through refusal_hostile, the "
        "condition privileges, and the channel's steps (channel_left)"
    )
}
"""What 0.1.0 had and what took its place, told wherever such a name is looked up."""


SAID_BY_SYSTEMS = (
    Message("No such file or directory"),
    Message("Permission denied"),
    Message("Is a directory"),
    Message("Not a directory"),
    Message("File name too long"),
    Message("No space left on device"),
)
"""What operating systems say most, for catalogues."""


def said_by_system(error: OSError) -> Message:
    """Give what the operating system says, without its number and the file's name."""
    return Message(error.strerror or str(error))


def some(names: Sequence[str], most: int = 5) -> Message:
    """Join names, and count those beyond `most`."""
    first = ", ".join(names[:most])
    if len(names) <= most:
        return Message(first)
    return Message("{names} and {n} more", names=first, n=len(names) - most)


def nearest(name: str, allowed: Iterable[str]) -> Message:
    """Name the closest allowed spelling, ready to be appended to a message.

    Parameters
    ----------
    name : str
        What was given.
    allowed : iterable of str
        What would have been accepted.

    Returns
    -------
    Message
        ``" (did you mean 'x'?)"``, what became of a name of 0.1.0 (:data:`GONE`), or nothing when
        nothing is close.
    """
    if name in GONE:
        return Message(" ({what})", what=GONE[name])
    by_folded = {candidate.casefold(): candidate for candidate in allowed}
    close = difflib.get_close_matches(name.casefold(), list(by_folded), n=1, cutoff=0.6)
    if not close:
        return Message("")
    return Message(" (did you mean {name!r}?)", name=by_folded[close[0]])
