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
        ``" (did you mean 'x'?)"``, or the empty string when nothing is close.
    """
    by_folded = {candidate.casefold(): candidate for candidate in allowed}
    close = difflib.get_close_matches(name.casefold(), list(by_folded), n=1, cutoff=0.6)
    return f" (did you mean {by_folded[close[0]]!r}?)" if close else ""
