#!/bin/sh
# Back up a deployment whose artifacts are in a folder: deploy/backup.sh FOLDER
#
# Writes FOLDER/setlist-<time>.tar with the store, the registry, and the lists that people wrote.
# It may run beside a night: artifacts never change, receipts are taken before what they name
# could go, and the registry last, so that it has every model that a receipt has.
#
# Not in it: the key of the pseudonyms, which belongs where secrets are kept. Without it a backup
# is of no use, and with it beside, of too much.
set -eu

mkdir -p "${1:?the folder to write the backup to}"
folder=$(realpath "$1")
cd "${SETLIST_HOME:?is not set: the folder of luigi.cfg and .venv}"
python=.venv/bin/python
[ -x "$python" ] || python=python3

settings=$("$python" deploy/places.py)
eval "$settings"
case $ROOT in
  gs://*) echo "backup: artifacts are in $ROOT: use the bucket's own versions (docs/production.md)" >&2
          exit 2 ;;
esac

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/registry"
archive=$folder/setlist-$(date -u +%Y%m%dT%H%M%SZ).tar

# tar says 1 when a file grew while it was read, which the log of a running night does.
add() {
  tar --append --file "$archive.partial" --warning=no-file-changed "$@" || [ $? -eq 1 ]
}

tar --create --file "$archive.partial" --files-from /dev/null
if [ -e "$ROOT/PublishModel" ]; then
  add --transform "s,^\.,artifacts," -C "$ROOT" ./PublishModel
fi
add --transform "s,^\.,artifacts," -C "$ROOT" --exclude=./PublishModel --exclude=./_staging \
  --exclude=./_leases --exclude=./_journal.jsonl --exclude=./_sources.jsonl .
for one in "$FORGOTTEN" "$SEGMENT_NAMES" "$REQUESTS"; do
  if [ -e "$one" ]; then
    add --transform "s,^,lists/," -C "$(dirname "$one")" "$(basename "$one")"
  fi
done
case $REGISTRY in
  sqlite:///*) "$python" -c 'import sqlite3, sys; from contextlib import closing
with closing(sqlite3.connect(sys.argv[1])) as old, closing(sqlite3.connect(sys.argv[2])) as new:
    old.backup(new)' "${REGISTRY#sqlite:///}" "$work/registry/registry.db" ;;
  postgresql://*) pg_dump --format=custom --no-owner --dbname="$REGISTRY" \
    --file="$work/registry/registry.dump" ;;
  *) echo "backup: the registry is a server ($REGISTRY): back up its own database" >&2 ;;
esac
add -C "$work" registry
if [ -d "$REGISTRY_FILES" ]; then
  add --transform "s,^\.,registry/files," -C "$REGISTRY_FILES" .
fi

mv "$archive.partial" "$archive"
echo "backup: $archive, $(du -h "$archive" | cut -f1)"
