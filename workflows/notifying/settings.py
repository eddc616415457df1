"""Whom to tell, and how: section ``[notify]`` of ``luigi.cfg``; secrets from the environment."""

import os
from dataclasses import dataclass

from luigi import configuration

from tasks.deployment import Misconfigured

_SECURITY = ("starttls", "tls", "none")


@dataclass(frozen=True)
class NotifySettings:
    """The settings; ``docs/configuration.md`` says what each is for."""

    workflows: tuple[str, ...]
    mail_to: tuple[str, ...]
    mail_from: str
    smtp_host: str
    smtp_port: int
    smtp_security: str
    smtp_user: str
    smtp_password: str
    slack_webhook: str
    webhook: str
    webhook_token: str
    runbook: str
    remind_hours: float
    stale_champion_days: int
    timeout_seconds: float


def read_notify_settings() -> NotifySettings:
    """Read the settings. Raises `Misconfigured` for one that cannot be used."""
    config = configuration.get_config()
    made = NotifySettings(
        workflows=_words(config.get("notify", "workflows", "nightly")),
        mail_to=_words(config.get("notify", "mail_to", "")),
        mail_from=config.get("notify", "mail_from", ""),
        smtp_host=config.get("notify", "smtp_host", "localhost"),
        smtp_port=config.getint("notify", "smtp_port", 587),
        smtp_security=config.get("notify", "smtp_security", "starttls"),
        smtp_user=config.get("notify", "smtp_user", ""),
        smtp_password=os.environ.get("SETLIST_SMTP_PASSWORD", ""),
        slack_webhook=os.environ.get("SETLIST_SLACK_WEBHOOK", ""),
        webhook=config.get("notify", "webhook", ""),
        webhook_token=os.environ.get("SETLIST_WEBHOOK_TOKEN", ""),
        runbook=config.get("notify", "runbook", "deploy/RUNBOOK.md"),
        remind_hours=config.getfloat("notify", "remind_hours", 24.0),
        stale_champion_days=config.getint("notify", "stale_champion_days", 7),
        timeout_seconds=config.getfloat("notify", "timeout_seconds", 20.0),
    )
    _check(made)
    return made


def _check(settings: NotifySettings) -> None:
    if settings.smtp_security not in _SECURITY:
        raise Misconfigured(
            f"[notify] smtp_security is {settings.smtp_security!r}; it must be one of "
            f"{', '.join(_SECURITY)}."
        )
    if settings.mail_to and not settings.mail_from:
        raise Misconfigured(
            "[notify] mail_to is set, and mail_from is not: set it to the address that mail "
            "comes from, such as setlist@example.org."
        )
    if settings.smtp_password and settings.smtp_security == "none":
        raise Misconfigured(
            "[notify] smtp_security is none, and SETLIST_SMTP_PASSWORD is set: the password would "
            "be sent in clear. Use starttls or tls, or a server that needs no password."
        )


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.replace(",", " ").split())
