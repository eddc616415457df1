"""Whom to tell, and how: section ``[notify]`` of ``luigi.cfg``; secrets from the environment."""

import os

from tasks.engine.configured import Misconfigured, Section, setting

_SECURITY = ("starttls", "tls", "none")


class NotifySettings(Section, section="notify"):
    """Who is told how a run ended."""

    workflows: tuple[str, ...] = setting(
        ("nightly",),
        "the names on `setlist run`'s command line whose runs are told of, counted for "
        "Prometheus and compared with the run before; `*` for all")
    mail_to: tuple[str, ...] = setting(
        (), "addresses that get mail, separated by commas or spaces")
    mail_from: str = setting("", "the address mail comes from; needed with `mail_to`")
    smtp_host: str = setting("localhost", "the mail server")
    smtp_port: int = setting(587, "its port")
    smtp_security: str = setting(
        "starttls",
        "`starttls`, `tls` (encrypted from the start, port 465 as a rule) or `none`. "
        "Certificates are checked")
    smtp_user: str = setting(
        "", "who logs in; the password is `SETLIST_SMTP_PASSWORD`, which is never sent in clear")
    webhook: str = setting(
        "",
        "an address that gets each message as JSON by POST: `subject`, `text`, `new`, `over`, "
        "`open`, `exit_code`, `workflow`, `night`, `run`, `log`, `host`")
    runbook: str = setting(
        "deploy/RUNBOOK.md",
        "the address of the runbook's page, to which a heading is added: where your people "
        "read it")
    remind_hours: float = setting(24.0, "what stays open is told again after so many hours")
    stale_champion_days: int = setting(7, "a live model older than this is a concern")
    timeout_seconds: float = setting(
        20.0, "how long a mail server or a webhook may take to answer")

    @property
    def smtp_password(self) -> str:
        """The mail server's password, from the environment."""
        return os.environ.get("SETLIST_SMTP_PASSWORD", "")

    @property
    def slack_webhook(self) -> str:
        """The address of a Slack incoming webhook, from the environment."""
        return os.environ.get("SETLIST_SLACK_WEBHOOK", "")

    @property
    def webhook_token(self) -> str:
        """What the webhook is sent as its bearer token, from the environment."""
        return os.environ.get("SETLIST_WEBHOOK_TOKEN", "")


def read_notify_settings() -> NotifySettings:
    """Read the settings. Raises `Misconfigured` for one that cannot be used."""
    made = NotifySettings.read()
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
