#!/bin/sh
# Bring back what backup.sh wrote, into a deployment that has no artifacts yet:
#   deploy/restore.sh FOLDER/setlist-<time>.tar
#
# Needs the same luigi.cfg and the same key of the pseudonyms. A registry on PostgreSQL is
# restored into an empty database. The list of who asked to be forgotten is taken only when
# there is none: a newer one must win, or people would come back.
set -eu

archive=$(realpath -e "${1:?the archive that backup.sh wrote}")
cd "${SETLIST_HOME:?is not set: the folder of luigi.cfg and .venv}"
python=.venv/bin/python
[ -x "$python" ] || python=python3

settings=$("$python" deploy/places.py)
eval "$settings"
if [ -e "$ROOT" ] && [ -n "$(ls -A "$ROOT")" ]; then
  echo "restore: $ROOT is not empty; nothing was changed. Move it away first" >&2
  exit 2
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tar --extract --file "$archive" -C "$work"
mkdir -p "$(dirname "$ROOT")"
[ ! -e "$ROOT" ] || rmdir "$ROOT"
mv "$work/artifacts" "$ROOT"
for one in "$FORGOTTEN" "$SEGMENT_NAMES" "$REQUESTS"; do
  kept=$work/lists/$(basename "$one")
  if [ -e "$kept" ] && [ ! -e "$one" ]; then
    mkdir -p "$(dirname "$one")"
    mv "$kept" "$one"
  fi
done
case $REGISTRY in
  sqlite:///*) mkdir -p "$(dirname "${REGISTRY#sqlite:///}")"
               mv "$work/registry/registry.db" "${REGISTRY#sqlite:///}" ;;
  postgresql://*) pg_restore --no-owner --exit-on-error --dbname="$REGISTRY" \
    "$work/registry/registry.dump" ;;
  *) echo "restore: the registry is a server ($REGISTRY): restore its own database" >&2 ;;
esac
if [ -d "$work/registry/files" ] && [ ! -e "$REGISTRY_FILES" ]; then
  mkdir -p "$(dirname "$REGISTRY_FILES")"
  mv "$work/registry/files" "$REGISTRY_FILES"
fi
echo "restore: done. Now: setlist doctor, then setlist plan nightly"
