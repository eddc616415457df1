"""Objects, their generations and preconditions: the part of Cloud Storage that has a state."""

import base64
import datetime as dt
import hashlib
import itertools
import threading
from dataclasses import dataclass, field

import google_crc32c


class Refusal(Exception):
    """An answer that is an error: a status, a reason and a sentence."""

    def __init__(self, status, reason, message=""):
        super().__init__(message or reason)
        self.status, self.reason = status, reason

    def body(self):
        said = {"message": str(self), "domain": "global", "reason": self.reason}
        return {"error": {"code": self.status, "message": str(self), "errors": [said]}}


@dataclass
class Object:
    """One generation of an object."""

    bucket: str
    name: str
    content: bytes
    generation: int
    kind: str = "application/octet-stream"
    metadata: dict = field(default_factory=dict)
    metageneration: int = 1
    created: str = ""

    def __post_init__(self):
        self.crc32c = encoded(google_crc32c.value(self.content).to_bytes(4, "big"))
        self.md5 = encoded(hashlib.md5(self.content).digest())
        self.created = dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds")

    def resource(self):
        """The object as the JSON API describes it: numbers of 64 bits are text."""
        return {
            "kind": "storage#object", "id": f"{self.bucket}/{self.name}/{self.generation}",
            "name": self.name, "bucket": self.bucket, "generation": str(self.generation),
            "metageneration": str(self.metageneration), "contentType": self.kind,
            "size": str(len(self.content)), "crc32c": self.crc32c, "md5Hash": self.md5,
            "etag": encoded(str(self.generation).encode()), "storageClass": "STANDARD",
            "timeCreated": self.created, "updated": self.created,
            **({"metadata": self.metadata} if self.metadata else {}),
        }  # fmt: skip


class Objects:
    """Buckets of objects; every method is one atomic step, as in the real store."""

    def __init__(self):
        self.buckets = {}
        self.uploads = {}
        self.history = []
        self._lock = threading.RLock()
        self._generations = itertools.count(1_700_000_000_000_000)

    def create_bucket(self, name, location="US"):
        with self._lock:
            if name in self.buckets:
                raise Refusal(409, "conflict", "You already own this bucket.")
            self.buckets[name] = {"location": location.upper(), "objects": {}}
            return self.bucket(name)

    def bucket(self, name):
        self._of(name)
        return {"kind": "storage#bucket", "id": name, "name": name,
                "location": self.buckets[name]["location"], "storageClass": "STANDARD"}

    def get(self, bucket, name, query):
        """The object, if it is there in the generation asked for and the conditions hold."""
        with self._lock:
            found = self._of(bucket).get(name)
            wanted = query.get("generation")
            if found is None or (wanted and int(wanted) != found.generation):
                raise Refusal(404, "notFound", f"No such object: {bucket}/{name}")
            check(found, query)
            return found

    def put(self, bucket, name, content, query, kind, metadata, hashes):
        """Create or replace an object, if the conditions hold and its bytes are as promised."""
        with self._lock:
            objects = self._of(bucket)
            check(objects.get(name), query)
            made = Object(bucket, name, content, next(self._generations),
                          kind or "application/octet-stream", dict(metadata or {}))
            for promised, found in ((hashes.get("crc32c"), made.crc32c),
                                    (hashes.get("md5Hash"), made.md5)):
                if promised and promised != found:
                    raise Refusal(400, "invalid", f"Provided hash {promised} is not {found}")
            objects[name] = made
            self._log("put", made)
            return made

    def patch(self, bucket, name, query, changes):
        with self._lock:
            found = self.get(bucket, name, query)
            found.metadata |= changes.get("metadata") or {}
            found.metageneration += 1
            return found

    def delete(self, bucket, name, query):
        with self._lock:
            found = self.get(bucket, name, query)
            del self._of(bucket)[name]
            self._log("delete", found)

    def copy(self, source, target, query):
        """Copy one object to another name, with conditions on both."""
        with self._lock:
            seen = {key.replace("Source", ""): value for key, value in query.items()
                    if key.startswith("ifSource")}  # fmt: skip
            if "sourceGeneration" in query:
                seen["generation"] = query["sourceGeneration"]
            found = self.get(*source, seen)
            kept = {key: value for key, value in query.items() if key.startswith("ifG")}
            return self.put(*target, found.content, kept, found.kind, found.metadata, {})

    def page(self, bucket, query):
        """One page of a listing: at most a thousand names, in order, and where to go on."""
        with self._lock:
            names = self._names(bucket, query)
            size = min(int(query.get("maxResults", 1000)), 1000)
            items, prefixes, last, more = [], [], "", False
            for name in names:
                prefix, entry = self._folded(name, query)
                if prefix in prefixes:
                    last = name
                    continue
                if len(items) + len(prefixes) == size:
                    more = True
                    break
                prefixes.append(prefix) if prefix else items.append(entry)
                last = name
            found = [self._of(bucket)[name].resource() for name in items]
            token = {"nextPageToken": encoded(last.encode())} if more else {}
            return {"kind": "storage#objects", "items": found, "prefixes": prefixes, **token}

    def _names(self, bucket, query):
        start, end = query.get("startOffset", ""), query.get("endOffset", "")
        after = base64.b64decode(query.get("pageToken", "")).decode()
        return [name for name in sorted(self._of(bucket))
                if name.startswith(query.get("prefix", "")) and name > after and name >= start
                and (not end or name < end)]  # fmt: skip

    def _folded(self, name, query):
        delimiter, prefix = query.get("delimiter"), query.get("prefix", "")
        if delimiter and delimiter in name[len(prefix) :]:
            at = name.index(delimiter, len(prefix)) + len(delimiter)
            return name[:at], None
        return None, name

    def _of(self, bucket):
        if bucket not in self.buckets:
            raise Refusal(404, "notFound", "The specified bucket does not exist.")
        return self.buckets[bucket]["objects"]

    def _log(self, what, one):
        if one.name.endswith("manifest.json"):
            self.history.append([what, f"{one.bucket}/{one.name}", one.md5])


def check(found, query):
    """Raise unless the conditions of a request hold; generation 0 means "is not there"."""
    for name, value in (("Generation", found.generation if found else 0),
                        ("Metageneration", found.metageneration if found else 0)):
        wanted, unwanted = query.get(f"if{name}Match"), query.get(f"if{name}NotMatch")
        if wanted is not None and int(wanted) != value:
            raise Refusal(412, "conditionNotMet",
                          "At least one of the pre-conditions you specified did not hold.")
        if unwanted is not None and int(unwanted) == value:
            raise Refusal(304, "notModified")


def encoded(content):
    return base64.b64encode(content).decode()
