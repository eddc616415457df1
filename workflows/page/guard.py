"""What every answer carries, and who is answered: a page to read, for browsers on this machine."""

from collections.abc import Sequence

from flask import Flask, Response, request

#: Our own pages load their style and nothing else; nothing runs, nothing is sent anywhere.
_OURS = "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; " \
        "form-action 'none'; frame-ancestors 'none'"

#: Reports carry their style within; they are artifacts, so they are trusted with less.
_REPORT = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; " \
          "form-action 'none'; frame-ancestors 'none'; sandbox"


def guarded(app: Flask, hosts: Sequence[str]) -> None:
    """Answer only under these host names (a page elsewhere cannot read ours), and say how to."""
    app.config["TRUSTED_HOSTS"] = list(hosts) or None
    app.after_request(_headers)


def _headers(response: Response) -> Response:
    is_report = request.endpoint == "report" and response.status_code == 200
    response.headers.update({
        "Content-Security-Policy": _REPORT if is_report else _OURS,
        "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
        "Cache-Control": "max-age=3600" if is_report or request.endpoint == "style" else "no-store",
    })
    return response
