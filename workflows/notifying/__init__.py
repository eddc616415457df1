"""Telling people what is wrong after a run: once, grouped, by mail, Slack or a webhook."""
