"""What a bucket's refusals mean, and what to do about each.

Errors of the client are told apart by their status and their class's name, so that nothing of
the client is imported here.
"""

from typing import Any

from tasks.engine.errors import (
    AccessDenied,
    BucketMissing,
    CredentialsRefused,
    QuotaExceeded,
    StoreError,
    StoreUnreachable,
    WrongLocation,
)

_QUOTA = {"rateLimitExceeded", "userRateLimitExceeded", "quotaExceeded", "dailyLimitExceeded"}
_BILLING = {"accountDisabled", "UserProjectAccountProblem", "billingNotEnabled"}


def explained(
    error: Exception, bucket: str, what: str, permission: str, setting: str = "[engine] root"
) -> StoreError:
    """The error that says what could not be done in a bucket, why, and what to do."""
    cause = _cause_of(error)
    where = f"gs://{bucket}: could not {what}"
    found = f"{type(cause).__name__}: {_sentence(cause)}"
    kinds = {kind.__name__ for kind in type(cause).__mro__}
    if "GoogleAuthError" in kinds and "TransportError" not in kinds:
        return _without_credentials(where, found, kinds)
    status, reason = _status_of(cause), _reason_of(cause)
    if status == 401:
        return _without_credentials(where, found, {"RefreshError"})
    if status == 429 or reason in _QUOTA:
        return QuotaExceeded(
            f"{where}: a quota or rate limit is used up ({found}). Run again later; for good, "
            "raise the quota in the console under IAM & Admin, Quotas, or run fewer workers."
        )
    if status == 403 and reason in _BILLING:
        return AccessDenied(
            f"{where}: the project's billing is off ({found}). Enable billing for the project "
            "that owns the bucket."
        )
    if status == 403:
        return AccessDenied(
            f"{where}: permission {permission} is denied ({found}). Grant it: gcloud storage "
            f"buckets add-iam-policy-binding gs://{bucket} --member=serviceAccount:NAME "
            f"--role=roles/storage.{'objectUser' if setting == '[engine] root' else 'objectViewer'}"
        )
    if status == 404:
        make = (
            f", or make it: gcloud storage buckets create gs://{bucket} --location=REGION "
            "--uniform-bucket-level-access"
        )
        return BucketMissing(
            f"{where}: there is no such bucket ({found}). Correct {setting} in luigi.cfg"
            + (make if setting == "[engine] root" else ".")
        )
    if status == 412 and "location" in found.lower():
        return WrongLocation(f"{where}: {found}. Make the bucket in a region that is allowed.")
    if status is None or status in (408, 500, 502, 503, 504):
        return StoreUnreachable(
            f"{where}: the store did not answer, or kept failing ({found}). What was built is "
            "kept. Check the network (and STORAGE_EMULATOR_HOST, if it is set), then run again."
        )
    return StoreError(f"{where}: {found}")


def is_final(error: Exception) -> bool:
    """Whether a failed write was surely not carried out, by an earlier try either."""
    code = getattr(error, "code", None)
    return isinstance(code, int) and 400 <= code < 500 and code not in (408, 409, 410, 412, 429)


def refuse_location(url: str, found: str, wanted: str) -> None:
    """Raise `WrongLocation` unless a bucket is in the region it should be in."""
    if found.upper() != wanted.upper():
        raise WrongLocation(
            f"{url} is in {found}, and [engine] location in luigi.cfg says {wanted}. Name a bucket "
            "of that region in [engine] root, or correct the setting."
        )


def _without_credentials(where: str, found: str, kinds: set[str]) -> StoreError:
    missing = "DefaultCredentialsError" in kinds
    what = "no credentials were found" if missing else "the credentials expired or are not valid"
    return CredentialsRefused(
        f"{where}: {what} ({found}). On a person's machine: gcloud auth application-default "
        "login. On a server: attach a service account to the machine, or name a key file in the "
        "environment variable GOOGLE_APPLICATION_CREDENTIALS."
    )


def _cause_of(error: Exception) -> BaseException:
    """What stands behind an error that says only that time ran out."""
    cause: BaseException = error
    while type(cause).__name__ == "RetryError" and (
        inner := getattr(cause, "cause", None) or cause.__cause__
    ):
        cause = inner
    return cause


def _status_of(error: BaseException) -> int | None:
    response = getattr(error, "response", None)
    code: Any = getattr(error, "code", None) or getattr(response, "status_code", None)
    return int(code) if isinstance(code, int) else None


def _reason_of(error: BaseException) -> str:
    said: Any = getattr(error, "errors", None)
    if not said:
        try:
            said = error.response.json()["error"]["errors"]  # type: ignore[attr-defined]
        except (AttributeError, LookupError, TypeError, ValueError, RuntimeError):
            return ""
    return str(said[0].get("reason", "")) if isinstance(said[0], dict) else ""


def _sentence(error: BaseException) -> str:
    text = str(getattr(error, "message", "") or error).strip()
    return text.splitlines()[0][:300] if text else "no details"
