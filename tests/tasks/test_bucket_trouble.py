"""A bucket that cannot be used: each situation is made for real, and says what to do."""

import json

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from store_places import BucketPlace, settings

from tasks.engine.bucket import Bucket
from tasks.engine.errors import (
    AccessDenied,
    BucketMissing,
    CredentialsRefused,
    QuotaExceeded,
    StoreError,
    StoreUnreachable,
    WrongLocation,
)
from tasks.engine.store import open_store


@pytest.fixture
def place(tmp_path, any_gcs):
    return BucketPlace(tmp_path, any_gcs)


@pytest.mark.parametrize("ask", [
    lambda bucket: list(bucket.list()),
    lambda bucket: bucket.create("x", b"1"),
    lambda bucket: bucket.read("x"),
    lambda bucket: bucket.stat("x"),
], ids=["list", "create", "read", "stat"])  # fmt: skip
def test_a_bucket_that_is_not_there(any_gcs, ask):
    with pytest.raises(BucketMissing, match=r"no such bucket.*gcloud storage buckets create gs://n"):
        ask(Bucket("gs://no-bucket-of-this-name/x"))


def test_a_root_that_is_no_bucket():
    for url in ("s3://other/place", "gs://"):
        with pytest.raises(StoreError, match="a bucket is written gs://name/prefix"):
            Bucket(url)


def test_a_bucket_in_another_region(tmp_path, any_gcs):
    url = f"gs://{any_gcs.new_bucket(location='EUROPE-WEST1')}"
    store = open_store(settings(tmp_path, bucket=url, location="us-east1"))
    with pytest.raises(WrongLocation, match=r"is in EUROPE-WEST1, and .* says us-east1"):
        store.refresh()
    open_store(settings(tmp_path, bucket=url, location="europe-west1")).refresh()


def answered(gcs, code, reason, message=""):
    return gcs.broken({"kind": "status", "code": code, "reason": reason, "message": message})


@pytest.mark.parametrize("ask, permission", [
    (lambda bucket: list(bucket.list()), "storage.objects.list"),
    (lambda bucket: bucket.create("x", b"1"), "storage.objects.create"),
    (lambda bucket: bucket.read("x"), "storage.objects.get"),
    (lambda bucket: bucket.delete("x", 1), "storage.objects.delete"),
])  # fmt: skip
def test_a_permission_that_is_lacking(gcs, place, ask, permission):
    said = f"someone@project does not have {permission} access"
    with answered(gcs, 403, "forbidden", said), pytest.raises(AccessDenied) as refusal:
        ask(place.bucket)
    for part in (said, f"permission {permission} is denied", "roles/storage.objectUser"):
        assert part in str(refusal.value)


def test_billing_that_is_off(gcs, place):
    with answered(gcs, 403, "accountDisabled"), pytest.raises(AccessDenied, match="billing"):
        place.machine().refresh()


@pytest.mark.parametrize("code, reason", [(429, "rateLimitExceeded"), (403, "quotaExceeded")])
def test_a_quota_that_is_used_up(gcs, place, code, reason):
    bucket = Bucket(place.bucket.url, deadline=0.5)
    with answered(gcs, code, reason), pytest.raises(QuotaExceeded, match="raise the quota"):
        list(bucket.list())


def test_credentials_that_are_refused(gcs, place):
    said = "gcloud auth application-default login"
    refused = answered(gcs, 401, "authError", "Invalid Credentials")
    with refused, pytest.raises(CredentialsRefused, match=said):
        place.machine().refresh()


def test_a_store_that_is_not_there(place, monkeypatch):
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", "http://127.0.0.1:1")
    with pytest.raises(StoreUnreachable, match="STORAGE_EMULATOR_HOST"):
        list(Bucket(place.bucket.url, deadline=0.5).list())


def test_no_credentials_at_all(tmp_path, monkeypatch):
    for name in ("STORAGE_EMULATOR_HOST", "GOOGLE_APPLICATION_CREDENTIALS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path))
    monkeypatch.setenv("NO_GCE_CHECK", "true")
    with pytest.raises(CredentialsRefused, match=r"no credentials were found.*service account"):
        list(Bucket("gs://anything").list())


def test_a_key_that_was_withdrawn(tmp_path, gcs, monkeypatch):
    """The token server (ours) does not know the key: the real client says that it is invalid."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    text = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                             serialization.NoEncryption()).decode()  # fmt: skip
    (tmp_path / "key.json").write_text(json.dumps({
        "type": "service_account", "client_email": "night@project", "private_key": text,
        "private_key_id": "1", "token_uri": f"{gcs.address}/token", "project_id": "project",
    }))  # fmt: skip
    monkeypatch.delenv("STORAGE_EMULATOR_HOST")
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "key.json"))
    with pytest.raises(CredentialsRefused, match="expired or are not valid"):
        list(Bucket("gs://anything").list())
