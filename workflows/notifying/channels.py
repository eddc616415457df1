"""The ways a message goes out: mail, a Slack incoming webhook, a webhook that takes JSON."""

import html
import smtplib
import ssl
from collections.abc import Callable
from email.message import EmailMessage
from typing import Any

import requests

from workflows.notifying.notice import Notice
from workflows.notifying.settings import NotifySettings

#: Slack cuts longer texts by itself, in the middle of a word.
_SLACK_LIMIT = 3500


class Undelivered(Exception):
    """A message could not be handed over; the text says to whom and why, and holds no secret."""


def deliver(notice: Notice, settings: NotifySettings) -> tuple[list[str], list[str]]:
    """Send a message every way that is set: names of the ways that worked, and what failed."""
    delivered: list[str] = []
    problems: list[str] = []
    for name, send in ways(settings).items():
        try:
            send(notice, settings)
            delivered.append(name)
        except Undelivered as problem:
            problems.append(f"{name}: {problem}")
    return delivered, problems


def ways(settings: NotifySettings) -> dict[str, Callable[[Notice, NotifySettings], None]]:
    """The ways that the settings name."""
    every = {"mail": (settings.mail_to, _mail), "Slack": (settings.slack_webhook, _slack),
             "webhook": (settings.webhook, _webhook)}  # fmt: skip
    return {name: send for name, (is_set, send) in every.items() if is_set}


def _mail(notice: Notice, settings: NotifySettings) -> None:
    message = EmailMessage()
    message["From"], message["To"] = settings.mail_from, ", ".join(settings.mail_to)
    message["Subject"] = notice.subject
    message.set_content(notice.text)
    try:
        with _smtp(settings) as server:
            if settings.smtp_user:
                server.login(settings.smtp_user, settings.smtp_password)
            refused = server.send_message(message)
    except (OSError, smtplib.SMTPException) as error:
        where = f"{settings.smtp_host}:{settings.smtp_port}"
        raise Undelivered(f"{where} did not take it ({type(error).__name__}: {error})") from error
    if refused:
        raise Undelivered(f"the server took it, but not for {', '.join(refused)}")


def _smtp(settings: NotifySettings) -> smtplib.SMTP:
    place = settings.smtp_host, settings.smtp_port
    context = ssl.create_default_context()
    if settings.smtp_security == "tls":
        return smtplib.SMTP_SSL(*place, timeout=settings.timeout_seconds, context=context)
    server = smtplib.SMTP(*place, timeout=settings.timeout_seconds)
    if settings.smtp_security == "starttls":
        try:
            server.starttls(context=context)
        except (OSError, smtplib.SMTPException):
            server.close()
            raise
    return server


def _slack(notice: Notice, settings: NotifySettings) -> None:
    # Slack's own rule for text that is not markup; else a message could call a whole channel.
    text = html.escape(f"*{notice.subject}*\n{notice.text}", quote=False)
    if len(text) > _SLACK_LIMIT:
        text = text[:_SLACK_LIMIT] + "\n… (the rest is in the run's log)"
    _post(settings.slack_webhook, {"text": text}, {}, settings.timeout_seconds)


def _webhook(notice: Notice, settings: NotifySettings) -> None:
    token = settings.webhook_token
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    _post(settings.webhook, notice.as_json(), headers, settings.timeout_seconds)


def _post(url: str, body: dict[str, Any], headers: dict[str, str], timeout: float) -> None:
    # Neither the address nor requests' own words are repeated: a webhook's path is its secret.
    try:
        answer = requests.post(url, json=body, headers=headers, timeout=timeout,
                               allow_redirects=False)  # fmt: skip
    except requests.RequestException as error:
        raise Undelivered(f"no answer ({type(error).__name__})") from None
    if not 200 <= answer.status_code < 300:
        raise Undelivered(f"it answered {answer.status_code} {answer.reason}: {answer.text[:200]}")
