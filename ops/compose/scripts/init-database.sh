#!/bin/sh
# Runs /sql/*.sql in order, each of which may be run again, and then /sql/optional/*.sql, whose
# failure is only told. The passwords take the place of their names in the text, so that they are
# on no command line.
set -eu
folder=${SQL:-/sql}
for password in "$OWNER_PASSWORD" "$SERVER_PASSWORD"; do
  case "$password" in '' | *[!A-Za-z0-9_-]*)
    echo 'Passwords of the database are made of letters, digits, _ and -.' >&2
    exit 2
    ;;
  esac
done

run() {
  echo "$1"
  sed -e "s/'OWNER_PASSWORD'/'$OWNER_PASSWORD'/" -e "s/'SERVER_PASSWORD'/'$SERVER_PASSWORD'/" "$1" |
    "${COCKROACH:-/cockroach/cockroach}" sql \
      --certs-dir="${CERTIFICATES:-/certificates}" --host="$NODE:26257"
}

for file in "$folder"/*.sql; do run "$file"; done
for file in "$folder"/optional/*.sql; do
  run "$file" || echo "$file was not taken; the cluster works without it." >&2
done
