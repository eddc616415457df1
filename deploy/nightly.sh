#!/bin/sh
# One night of Setlist, the same for cron, systemd, compose and Kubernetes. What it does:
#
#   - goes to SETLIST_HOME and reads secrets, lines of NAME=value, from SETLIST_SECRETS
#     (/etc/setlist/secrets when that is there), a file that only this user can read;
#   - takes a lock, so that a second night ends at once with exit code 10;
#   - runs the night of yesterday, and before it those of the SETLIST_CATCH_UP (3) nights before
#     that were never finished, with SETLIST_WORKERS (2) processes;
#   - stops it after SETLIST_LIMIT (5h): exit code 124.
#
# SETLIST_WORKFLOW (nightly) and SETLIST_DAY (yesterday in UTC) name another workflow or night.
# What follows on the command line goes to `setlist run`. The exit code is that of the run:
# docs/operate.md says what each means, deploy/RUNBOOK.md what to do.
set -u

cd "${SETLIST_HOME:?is not set: the folder of luigi.cfg and .venv}" || exit 40
secrets=${SETLIST_SECRETS:-/etc/setlist/secrets}
if [ -n "${SETLIST_SECRETS:-}" ] || [ -r "$secrets" ]; then
  set -a
  # shellcheck source=/dev/null
  . "$secrets" || exit 40
  set +a
fi
mkdir -p var
if [ -x .venv/bin/setlist ]; then
  setlist=.venv/bin/setlist
else
  setlist=setlist
fi

exec flock -n -E 10 var/nightly.lock timeout -k 60 "${SETLIST_LIMIT:-5h}" \
  "$setlist" run "${SETLIST_WORKFLOW:-nightly}" \
  --day "${SETLIST_DAY:-$(date -u -d yesterday +%F)}" \
  --catch-up "${SETLIST_CATCH_UP:-3}" --workers "${SETLIST_WORKERS:-2}" "$@"
