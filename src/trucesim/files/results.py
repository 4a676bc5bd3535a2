"""Folders of results that certify themselves: each appears whole or not at all.

A result is written beside its place, synced, and moved in; its manifest comes last and holds a
checksum of every file, and one of itself. So nothing that certifies outlives what it certifies,
and a folder without a whole manifest is none of a finished result. What others put into such a
folder is left alone.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import threading
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from itertools import chain, count
from pathlib import Path
from typing import Any

from trucesim.files.errors import InputError, Message, StoreError, said_by_system, some
from trucesim.files.writing import checksum, put_whole, sync, write_json

MANIFEST = "manifest.json"

LARGEST_MANIFEST = 64 * 1024 * 1024
"""Bytes."""

BEFORE = ".before.part"
"""Within a draft that takes a result's place: what was there, until all has come."""


def own_checksum(manifest: Mapping[str, Any]) -> str:
    """Digest a manifest without its own checksum."""
    content = {name: value for name, value in manifest.items() if name != "checksum"}
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def seal(folder: Path, content: Mapping[str, Any], names: Collection[str] | None = None) -> None:
    """Write a folder's manifest: what made it, a checksum of every file, and one of itself.

    Parameters
    ----------
    folder : Path
    content : dict
        What made it, ready for JSON.
    names : collection of str, optional
        Its files, with slashes; by default all that lie in it.
    """
    names = _files_in(folder) if names is None else names
    whole = {**content, "files": {name: checksum(folder / name) for name in sorted(names)}}
    whole["checksum"] = own_checksum(whole)
    put_whole(folder / MANIFEST, lambda path: write_json(whole, path))


def _files_in(folder: Path) -> list[str]:
    """Name the files of a folder, with slashes; not its manifest, nor what is half written."""
    found = []
    for here, folders, names in os.walk(folder):
        folders[:] = [each for each in folders if not each.endswith(".part")]
        place = Path(here).relative_to(folder)
        found += [(place / each).as_posix() for each in names if not each.endswith(".part")]
    return sorted(set(found) - {MANIFEST})


def manifest_of(folder: Path) -> dict[str, Any] | None:
    """Read a folder's manifest as it stands; None if there is none or it cannot be read."""
    try:
        if (folder / MANIFEST).stat().st_size > LARGEST_MANIFEST:
            return None
        content = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    return content if isinstance(content, dict) else None


def sealed_manifest(folder: Path) -> dict[str, Any] | None:
    """Read a folder's manifest; None if none is whole, as those before 0.2.0, without checksums."""
    manifest = manifest_of(folder)
    if manifest is None or not isinstance(manifest.get("files"), dict):
        return None
    return manifest if manifest.get("checksum") == own_checksum(manifest) else None


def broken_files(folder: Path, manifest: Mapping[str, Any]) -> list[str]:
    """Name the files of a result that are not there, or are not what they were."""
    broken = []
    for name, told in manifest["files"].items():
        try:
            if not is_within(folder, name) or checksum(folder / name) != told:
                broken.append(name)
        except OSError:
            broken.append(name)
    return broken


def is_within(folder: Path, name: str) -> bool:
    """Tell whether a name stays in a folder, links followed."""
    place = (folder / name).resolve()
    return place.is_relative_to(folder.resolve()) and place != folder.resolve()


def output_folder(path: Path, command: str = "run", parts: Collection[str] = ()) -> Path:
    """Check a folder for results before anything is run.

    Parameters
    ----------
    path : Path
    command : str
        Only a whole result of this command may be replaced.
    parts : collection of str
        Files or folders that the command keeps there while it works, to go on with when it is
        interrupted.

    Raises
    ------
    InputError
        A file; a folder that holds something else, or a result of which a file was changed since:
        nothing is overwritten.
    """
    if path.exists() and not path.is_dir():
        raise InputError("--out {path}: there is a file of this name; give a folder", path=path)
    if path.is_dir():
        _check_held(path, command, parts)
    parent = next(each for each in (path, *path.absolute().parents) if each.exists())
    if not parent.is_dir() or not os.access(parent, os.W_OK):
        raise InputError("--out {path}: cannot be written", path=path)
    return path


def _check_held(path: Path, command: str, parts: Collection[str]) -> None:
    """Refuse a folder that holds something else than what a command may replace or go on with."""
    restore(path)
    held = {each.name for each in path.iterdir() if not each.name.endswith(".part")}
    manifest = manifest_of(path)
    made_by = None if manifest is None else manifest.get("command")
    if made_by not in (None, command):
        raise InputError(
            "--out {path}: the folder holds results of 'trucesim {made_by}'; give an empty or a "
            "new one", path=path, made_by=made_by,
        )  # fmt: skip
    if not held or held & set(parts):
        return
    if manifest is None:
        raise InputError(
            "--out {path}: the folder holds other things than results of trucesim; give an empty "
            "or a new one", path=path,
        )  # fmt: skip
    if sealed_manifest(path) is None:
        raise InputError(
            "--out {path}: the folder holds results of an earlier version, which do not say what "
            "is theirs; give an empty or a new one", path=path,
        )  # fmt: skip
    changed = [name for name in broken_files(path, manifest) if (path / name).exists()]
    if changed:
        raise InputError(
            "--out {path}: the folder holds a result of which files were changed since it was "
            "made ({names}); give another folder, or take them away", path=path,
            names=some(changed, 3),
        )  # fmt: skip


def free_folder(path: Path, command: str, made: Mapping[str, Any]) -> Path:
    """Give the place of a result for which none was asked: nothing that differs is replaced.

    Parameters
    ----------
    path : Path
        Where it goes if nothing is there, or the same result; otherwise ``path-2`` and so on.
    command : str
    made : dict
        Entries of the manifest by which a result is the same.
    """
    # As JSON has it: a tuple is a list there.
    wanted = json.loads(json.dumps({"command": command, **made}))

    def holds_the_same(place: Path) -> bool:
        manifest = sealed_manifest(place)
        return (
            manifest is not None
            and all(manifest.get(name) == value for name, value in wanted.items())
            and not broken_files(place, manifest)
        )  # fmt: skip

    places = chain([path], _numbered(path))
    place = next(each for each in places if _is_free(each) or holds_the_same(each))
    return output_folder(place, command)


def _numbered(path: Path) -> Iterator[Path]:
    """Give path-2, path-3 and so on."""
    return (path.with_name(f"{path.name}-{number}") for number in count(2))


_ours: set[tuple[Path, int]] = set()
"""Folders that threads of this process have locked."""


@contextmanager
def locked(folder: Path, *, again: bool = False) -> Iterator[None]:
    """Let one process at a time write to a folder; the lock ends with the process.

    Parameters
    ----------
    folder : Path
        Made if need be.
    again : bool
        Whether a thread that holds it already may go on.

    Raises
    ------
    InputError
        Another one does.
    StoreError
        The folder cannot be made.
    """
    mine = folder.resolve(), threading.get_ident()
    if again and mine in _ours:
        yield
        return
    try:
        import fcntl
    except ImportError:  # not on Windows
        yield
        return
    made = not folder.exists()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(folder, os.O_RDONLY)
    except OSError as error:
        raise StoreError(
            "{folder}: cannot be written: {reason}", folder=folder, reason=said_by_system(error)
        ) from None
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InputError(
                "--out {folder}: another trucesim is writing to this folder", folder=folder
            ) from None
        except OSError:
            pass  # a file system without locks
        _ours.add(mine)
        try:
            yield
        finally:
            _ours.discard(mine)
    finally:
        os.close(handle)
        if made:
            with suppress(OSError):  # unless something was written
                folder.rmdir()


@contextmanager
def written_whole(
    target: Path, content: Mapping[str, Any], inputs: Mapping[str, bytes]
) -> Iterator[Path]:
    """Write a result to a folder: all of it, with a manifest, or nothing.

    An earlier result there is replaced, and what is not its own stays as it is.

    Parameters
    ----------
    target : Path
        Made if need be.
    content : dict
        What made the result, ready for JSON. A ``manifest.json`` that is written with the rest
        adds to it.
    inputs : dict of str to bytes
        Copies of what it was made from, by the names that they get in the folder, with slashes.

    Yields
    ------
    Path
        A folder to write to in place of `target`.

    Raises
    ------
    StoreError
        A file is open in another program, or the disk is full; what was there stays, and a whole
        result is kept beside it.
    """
    target = Path(os.path.abspath(target))
    # Within a folder that is there: only so is it surely on the same disk.
    room = target.parent if _is_free(target) else target
    for left in room.glob(f".{target.name}.*.part"):
        with suppress(InputError, StoreError), locked(left):  # its writer is gone
            shutil.rmtree(left, ignore_errors=True)
    draft = room / f".{target.name}.{os.getpid()}.part"
    try:
        with locked(draft):
            for name, held in inputs.items():
                (draft / name).parent.mkdir(parents=True, exist_ok=True)
                (draft / name).write_bytes(held)
            yield draft
            for here, _, names in os.walk(draft):
                for each in (*(Path(here, name) for name in names), Path(here)):
                    sync(each)
            seal(draft, {**(manifest_of(draft) or {}), **content})
            _move_in(draft, target)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise StoreError(
            "{target}: cannot be written: {reason}", target=target, reason=said_by_system(error)
        ) from None
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _is_free(folder: Path) -> bool:
    return not folder.exists() or (folder.is_dir() and not any(folder.iterdir()))


def _move_in(draft: Path, target: Path) -> None:
    """Put a whole draft in its place, or else leave all as it was and the draft beside it."""
    if _is_free(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.rename(draft, target)
        except OSError:
            if not target.is_dir():
                raise
            _exchange(draft, target)  # Windows, and what is mounted there
        sync(target.parent)
        return
    try:
        with locked(target, again=True):
            _exchange(draft, target)
    except InputError as busy:
        _leave_beside(draft, target, busy.message)


def _exchange(draft: Path, target: Path) -> None:
    """Move a draft's files into a folder, its manifest last and the earlier one's away first."""
    own = set((sealed_manifest(target) or {"files": ()})["files"])
    coming = _files_in(draft)
    others = sorted(name for name in set(coming) - own if (target / name).exists())
    if others:
        _leave_beside(draft, target, Message("{name} is not of this result", name=others[0]))
    before = draft / BEFORE
    moves = [(target / MANIFEST, before / MANIFEST)]
    moves += [(target / name, before / name) for name in sorted(own)]
    moves = [(old, new) for old, new in moves if old.exists()]
    moves += [(draft / name, target / name) for name in (*coming, MANIFEST)]
    done = []
    try:
        for old, new in moves:
            if new == target / MANIFEST:
                sync(target)
            new.parent.mkdir(parents=True, exist_ok=True)
            os.replace(old, new)
            done.append((old, new))
            if old == target / MANIFEST:
                sync(target)
        sync(target)
    except OSError as error:
        for old, new in reversed(done):
            old.parent.mkdir(parents=True, exist_ok=True)
            os.replace(new, old)
        shutil.rmtree(before, ignore_errors=True)
        name = Path(error.filename2 or error.filename or "").name
        why = Message("{name} cannot be replaced; is it open in another program?", name=name)
        _leave_beside(draft, target, why)
    for name in own - set(coming):  # folders that held only what has gone
        with suppress(OSError):
            (target / name).parent.rmdir()


def _leave_beside(draft: Path, target: Path, why: Message) -> None:
    """Keep a whole result whose place is taken, and say so."""
    beside = next(place for place in _numbered(target) if not place.exists())
    os.rename(draft, beside)
    raise StoreError(
        "{target}: {why}; the result was written to {beside} instead", target=target, why=why,
        beside=beside,
    )  # fmt: skip


def restore(target: Path) -> None:
    """Put back what an interrupted exchange left aside: the earlier result, whole again."""
    for draft in target.glob(f".*.part/{BEFORE}"):
        with suppress(InputError), locked(draft.parent), locked(target, again=True):
            _restore(draft.parent, target)


def _restore(draft: Path, target: Path) -> None:
    before = draft / BEFORE
    if sealed_manifest(target) is None:
        coming, earlier = (
            set((manifest_of(place) or {}).get("files", ())) for place in (draft, before)
        )
        for name in coming:
            new = name not in earlier or (before / name).exists()
            if new and is_within(target, name):
                (target / name).unlink(missing_ok=True)
        for name in (*_files_in(before), MANIFEST):
            if (before / name).exists():
                (target / name).parent.mkdir(parents=True, exist_ok=True)
                os.replace(before / name, target / name)
    shutil.rmtree(draft, ignore_errors=True)
