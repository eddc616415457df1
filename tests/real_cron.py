"""A real cron for the tests, with tables, mail and state of its own.

Debian's ``cron`` looks at fixed places below ``/etc`` and ``/var``. It runs in a mount namespace
in which these are empty folders, so nothing of the machine's own is seen or changed. Where cron
is not installed, its package is fetched and unpacked into the test's folder.
"""

import contextlib
import os
import shutil
import subprocess
from pathlib import Path

#: What cron finds in its namespace: no jobs but ours, no lock of a cron outside.
_PLACES = """
set -e
mount -t tmpfs tmpfs /var/spool
mount -t tmpfs tmpfs /run
[ ! -d /etc/cron.d ] || mount -t tmpfs tmpfs /etc/cron.d
[ ! -e /etc/crontab ] || mount --bind /dev/null /etc/crontab
mount --bind "$FOLDER/pam.d" /etc/pam.d
mkdir -p /var/spool/cron/crontabs
cp "$FOLDER/crontab" /var/spool/cron/crontabs/root
chmod 600 /var/spool/cron/crontabs/root
exec "$CRON" -f
"""


class NoCron(Exception):
    """Why no real cron can run here."""


@contextlib.contextmanager
def running_cron(folder, crontab):
    """Cron with a table of root's, until the end of the block. Raises `NoCron`."""
    if os.getuid() != 0:
        raise NoCron("cron changes to the user of a job, which only root may")
    program = _program(folder)
    shutil.copytree("/etc/pam.d", folder / "pam.d", dirs_exist_ok=True)
    (folder / "pam.d" / "cron").write_text("session required pam_permit.so\n"
                                           "account required pam_permit.so\n"
                                           "auth required pam_permit.so\n")  # fmt: skip
    (folder / "crontab").write_text(crontab)
    environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "FOLDER": str(folder),
                   "CRON": str(program)}  # fmt: skip
    command = ["unshare", "--mount", "--fork", "--kill-child", "/bin/sh", "-c", _PLACES]
    with (folder / "cron.log").open("ab") as log, subprocess.Popen(
        command, env=environment, cwd="/", stdout=log, stderr=log
    ) as cron:
        try:
            yield cron
            if cron.poll() is not None:
                raise NoCron(f"cron ended: {(folder / 'cron.log').read_text()}")
        finally:
            cron.kill()


def _program(folder):
    """Debian's cron: the installed one, or one that is fetched without installing it."""
    found = shutil.which("cron", path="/usr/sbin:/usr/bin")
    if found:
        return found
    unpacked = folder / "unpacked" / "usr" / "sbin" / "cron"
    if not unpacked.exists():
        package = _fetched(folder)
        subprocess.run(["dpkg", "-x", package, folder / "unpacked"], check=True)
    return unpacked


def _fetched(folder):
    if not shutil.which("apt-get"):
        raise NoCron("cron is not installed, and there is no apt-get to fetch it with")
    for command in (["apt-get", "download", "cron"], ["apt-get", "update"],
                    ["apt-get", "download", "cron"]):  # fmt: skip
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
        found = list(Path(folder).glob("cron_*.deb"))
        if found:
            return found[0]
    raise NoCron(f"cron is not installed and could not be fetched: {done.stderr.strip()}")
