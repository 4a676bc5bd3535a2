"""What a user sees when an input is wrong: what, where, and what is allowed."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class InputError(ValueError):
    """Input that a person can mend: a file, a key, a name, a date or a number.

    The command line prints its message alone and ends with exit code 2; nothing has been written
    by then.
    """


class StoreError(RuntimeError):
    """A store of results that cannot be written or read: a full disk, a broken file.

    The command line prints its message alone and ends with exit code 1; what was written before
    stays whole.
    """


RENAMED = {"second-pact-2016": "as-recorded", "second-pact": "own-order-2016"}
"""Scenarios and events of 0.1.0 under the names that they have now."""

GONE = {
    "reach_hostile": "taken out after 0.1.0: what a hostile minister does goes through "
    "refusal_hostile, the condition privileges, and the channel's steps (channel_left)",
}
"""What 0.1.0 had and what took its place, told wherever such a name is looked up."""


def nearest(name: str, allowed: Iterable[str]) -> str:
    """Name the closest allowed spelling, ready to be appended to a message.

    Parameters
    ----------
    name : str
        What was given.
    allowed : iterable of str
        What would have been accepted.

    Returns
    -------
    str
        ``" (did you mean 'x'?)"``, what became of a name of 0.1.0 (:data:`GONE`), or the empty
        string when nothing is close.
    """
    if name in GONE:
        return f" ({GONE[name]})"
    by_folded = {candidate.casefold(): candidate for candidate in allowed}
    close = difflib.get_close_matches(name.casefold(), list(by_folded), n=1, cutoff=0.6)
    return f" (did you mean {by_folded[close[0]]!r}?)" if close else ""
