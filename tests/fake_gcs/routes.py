"""The JSON API's requests: what each path and method means."""

import email
import json
import re
import uuid
from email.policy import HTTP
from urllib.parse import unquote

from fake_gcs.objects import Refusal

_OBJECT = re.compile(r"^(?:/download)?/storage/v1/b/([^/]+)/o/([^/]+)$")
_COPY = re.compile(r"^/storage/v1/b/([^/]+)/o/([^/]+)/(copyTo|rewriteTo)/b/([^/]+)/o/([^/]+)$")
_LIST = re.compile(r"^/storage/v1/b/([^/]+)/o$")
_BUCKET = re.compile(r"^/storage/v1/b/([^/]+)$")
_UPLOAD = re.compile(r"^(?:/resumable)?/upload/storage/v1/b/([^/]+)/o$")


class Answer:
    """A status, headers and a body (JSON unless it is bytes)."""

    def __init__(self, body=None, status=200, headers=(), raw=None):
        self.status, self.headers = status, dict(headers)
        self.content = raw if raw is not None else json.dumps(body or {}).encode()
        if raw is None:
            self.headers.setdefault("Content-Type", "application/json; charset=UTF-8")


def name_of(method, path, query):
    """What a request is called in the counts."""
    if _COPY.match(path):
        return "copy"
    if _OBJECT.match(path):
        if method == "GET":
            return "media" if query.get("alt") == "media" else "stat"
        return {"DELETE": "delete", "PATCH": "patch"}.get(method, "other")
    if _LIST.match(path):
        return "list"
    if _UPLOAD.match(path):
        return "chunk" if method == "PUT" else query.get("uploadType", "other")
    return "bucket"


def answer(objects, method, path, query, headers, body, address):
    """Carry out a request. Raises `Refusal`."""
    if match := _COPY.match(path):
        source, target = names(match[1], match[2]), names(match[4], match[5])
        made = objects.copy(source, target, query)
        size = str(len(made.content))
        done = {"kind": "storage#rewriteResponse", "done": True, "objectSize": size,
                "totalBytesRewritten": size, "resource": made.resource()}  # fmt: skip
        return Answer(done if match[3] == "rewriteTo" else made.resource())
    if match := _OBJECT.match(path):
        return of_object(objects, method, names(match[1], match[2]), query, headers, body)
    if (match := _LIST.match(path)) and method == "GET":
        return Answer(objects.page(match[1], query))
    if (match := _BUCKET.match(path)) and method == "GET":
        return Answer(objects.bucket(match[1]))
    if path == "/storage/v1/b" and method == "POST":
        asked = json.loads(body)
        return Answer(objects.create_bucket(asked["name"], asked.get("location") or "US"))
    if match := _UPLOAD.match(path):
        return upload(objects, method, match[1], query, headers, body, address)
    raise Refusal(404, "notFound", f"{method} {path} is not implemented here")


def of_object(objects, method, names, query, headers, body):
    if method == "GET" and query.get("alt") == "media":
        return media(objects.get(*names, query), headers)
    if method == "GET":
        return Answer(objects.get(*names, query).resource())
    if method == "PATCH":
        return Answer(objects.patch(*names, query, json.loads(body)).resource())
    if method == "DELETE":
        objects.delete(*names, query)
        return Answer(status=204, raw=b"")
    raise Refusal(405, "methodNotAllowed")


def media(found, headers):
    """An object's bytes, or a range of them."""
    said = {"Content-Type": found.kind, "x-goog-generation": str(found.generation),
            "x-goog-hash": f"crc32c={found.crc32c},md5={found.md5}",
            "x-goog-stored-content-encoding": "identity",
            "x-goog-stored-content-length": str(len(found.content))}  # fmt: skip
    match = re.match(r"bytes=(\d+)-(\d*)$", headers.get("Range") or "")
    if not match:
        return Answer(raw=found.content, headers=said)
    size, first = len(found.content), int(match[1])
    if first >= size and not (first == 0 and size == 0):
        raise Refusal(416, "requestedRangeNotSatisfiable")
    last = min(int(match[2] or size - 1), size - 1)
    said["Content-Range"] = f"bytes {first}-{last}/{size}"
    return Answer(raw=found.content[first : last + 1], status=206, headers=said)


def upload(objects, method, bucket, query, headers, body, address):
    kind = query.get("uploadType")
    if method == "POST" and kind == "multipart":
        about, content_type, content = parts(headers, body)
        name = query.get("name") or about["name"]
        made = objects.put(bucket, name, content, query, about.get("contentType", content_type),
                           about.get("metadata"), about)
        return Answer(made.resource())
    if method == "POST" and kind == "resumable":
        return begin(objects, bucket, query, headers, body, address)
    if method == "PUT" and "upload_id" in query:
        return go_on(objects, query["upload_id"], headers, body)
    if method == "DELETE" and "upload_id" in query:
        objects.uploads.pop(query["upload_id"], None)
        return Answer(status=499, raw=b"")
    raise Refusal(400, "invalid", f"upload of type {kind}")


def begin(objects, bucket, query, headers, body, address):
    """Open an upload in parts; conditions are checked now and when it ends."""
    about = json.loads(body or b"{}")
    name = query.get("name") or about["name"]
    objects.bucket(bucket)
    upload_id = uuid.uuid4().hex
    objects.uploads[upload_id] = {
        "bucket": bucket, "name": name, "query": query, "about": about, "content": bytearray(),
        "kind": about.get("contentType") or headers.get("x-upload-content-type"), "made": None,
    }  # fmt: skip
    place = f"{address}/upload/storage/v1/b/{bucket}/o?uploadType=resumable&upload_id={upload_id}"
    return Answer(headers={"Location": place, "X-GUploader-UploadID": upload_id})


def go_on(objects, upload_id, headers, body):
    """Take the next bytes; the object exists once the last have come."""
    one = objects.uploads.get(upload_id)
    if one is None:
        raise Refusal(404, "notFound", "no such upload")
    if one["made"] is not None:
        return Answer(one["made"].resource())
    match = re.match(r"bytes (?:(\d+)-(\d+)|\*)/(\d+|\*)$", headers.get("Content-Range") or "")
    if not match:
        raise Refusal(400, "invalid", "Content-Range")
    if match[1] is not None:
        take(one, int(match[1]), body)
    if match[3] == "*" or len(one["content"]) < int(match[3]):
        last = len(one["content"]) - 1
        received = {"Range": f"bytes=0-{last}"} if last >= 0 else {}
        return Answer(status=308, raw=b"", headers=received)
    hashes = {**one["about"], **hashes_of(headers)}
    one["made"] = objects.put(one["bucket"], one["name"], bytes(one["content"]), one["query"],
                              one["kind"], one["about"].get("metadata"), hashes)
    one["content"] = b""
    return Answer(one["made"].resource())


def take(one, first, body):
    """Bytes that came before are skipped; a hole is refused."""
    known = len(one["content"])
    if first > known:
        raise Refusal(503, "backendError", f"expected byte {known}, got {first}")
    one["content"] += body[known - first :]


def hashes_of(headers):
    said = dict(part.strip().split("=", 1) for part in (headers.get("x-goog-hash") or "").split(",")
                if "=" in part)  # fmt: skip
    return {{"md5": "md5Hash"}.get(name, name): value for name, value in said.items()}


def parts(headers, body):
    """What an upload in one request consists of: a description and the bytes."""
    head = f"Content-Type: {headers['Content-Type']}\r\n\r\n".encode()
    boundary = email.message_from_bytes(head, policy=HTTP).get_boundary().encode()
    first, second = body.split(b"--" + boundary)[1], body.split(b"--" + boundary, 2)[2]
    about = json.loads(first.partition(b"\r\n\r\n")[2])
    top, _, content = second.partition(b"\r\n\r\n")
    content = content[: content.rindex(b"\r\n--" + boundary + b"--")]
    kind = email.message_from_bytes(top.strip() + b"\r\n\r\n", policy=HTTP).get_content_type()
    return about, kind, content


def names(bucket, name):
    return unquote(bucket), unquote(name)
