"""What a listing of a bucket says of artifacts, without opening any.

::

    <prefix>/<Task>/<label>/<key>/manifest.json            created last, once: the commit
    <prefix>/<Task>/<label>/<key>/<sha256>/<file name>     the payload, named by its content
    <prefix>/_leases/   being built          <prefix>/_corrupt/   set aside

The hash and size of every file are in the listing, and the manifest's object carries as metadata
what an index needs. So a thousand objects cost one request, and no artifact costs one of its own.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from tasks.engine.bucket import Stored
from tasks.engine.errors import CorruptPayload
from tasks.engine.identity import digest_of
from tasks.engine.journal import Address, Entry, entry_of
from tasks.engine.manifest import Manifest

MANIFEST = "manifest.json"

#: The objects of one artifact, the manifest's among them if it was committed.
Group = tuple[Stored, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """An artifact that is whole, as far as sizes tell; what its manifest's object says of it."""

    entry: Entry
    sha256: str
    """Of the manifest's text."""
    seconds: float | None


def about(manifest: Manifest, text: bytes) -> dict[str, str]:
    """What the object of a manifest of this text carries as metadata."""
    total = sum(one.size for one in manifest.payload.values())
    return {"digest": manifest.digest, "created": manifest.created, "codec": manifest.codec,
            "bytes": str(total), "seconds": repr(manifest.seconds),
            "manifest-bytes": str(len(text)), "sha256": hashlib.sha256(text).hexdigest()}


def groups(objects: Iterable[Stored]) -> Iterator[tuple[Address, Group]]:
    """The objects of each artifact; those of the engine's own folders are left out."""
    for where, members in groupby(objects, key=address_in):
        if where is not None:
            yield where, tuple(members)


def object_of(address: Address, name: str, sha256: str) -> str:
    """The name of a payload file's object."""
    return f"{'/'.join(address)}/{sha256}/{name}"


def manifest_in(group: Group) -> Stored | None:
    """The object of the manifest, if the artifact was committed."""
    return next((one for one in group if one.name.count("/") == 3), None)


def judged(
    address: Address, group: Group, open_manifest: Callable[[Address], Manifest]
) -> Known | str | None:
    """An artifact that is whole, what is wrong with it, or None if it was never committed.

    The manifest is opened only when there are other objects than its own metadata promises.
    """
    committed = manifest_in(group)
    if committed is None:
        return None
    return _by_metadata(address, committed, group) or _by_manifest(
        address, committed, group, open_manifest)


def _by_metadata(address: Address, committed: Stored, group: Group) -> Known | None:
    said = committed.metadata
    files = sorted((one.name.split("/")[4], one.size, one.name.split("/")[3])
                   for one in group if one is not committed)  # fmt: skip
    digest = digest_of([text for name, _, sha256 in files for text in (name, sha256)])
    found = digest, str(sum(size for _, size, _ in files)), str(committed.size)
    if found != (said.get("digest"), said.get("bytes"), said.get("manifest-bytes")):
        return None
    entry = Entry(address, digest, said["created"], said["codec"], tuple(files))
    return Known(entry, said["sha256"], float(said["seconds"]))


def _by_manifest(
    address: Address, committed: Stored, group: Group, open_manifest: Callable[[Address], Manifest]
) -> Known | str:
    try:
        manifest = open_manifest(address)
    except CorruptPayload as error:
        return str(error)
    entry = entry_of(manifest)
    sizes = {one.name: one.size for one in group}
    for name, size, sha256 in entry.files:
        found = sizes.get(object_of(address, name, sha256))
        if found is None:
            return f"{name} is gone"
        if found != size:
            return f"{name} has {found:,} bytes instead of {size:,}"
    return Known(entry, committed.metadata.get("sha256", ""), manifest.seconds)


def address_in(one: Stored) -> Address | None:
    """The artifact an object belongs to."""
    parts = one.name.split("/")
    if one.name.startswith("_"):
        return None
    is_manifest = len(parts) == 4 and parts[3] == MANIFEST
    return (parts[0], parts[1], parts[2]) if is_manifest or len(parts) == 5 else None
