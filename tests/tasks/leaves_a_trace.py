"""A module to be imported before isolated recipes are forked: whoever was can tell."""

import signal

signal.signal(signal.SIGUSR1, signal.SIG_IGN)
