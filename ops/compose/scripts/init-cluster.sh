#!/bin/sh
# Makes one cluster of the nodes, once. A node that does not listen yet is asked again.
set -eu
attempts=60
while :; do
  if said=$("${COCKROACH:-/cockroach/cockroach}" init \
    --certs-dir="${CERTIFICATES:-/certificates}" --host="$NODE:26257" 2>&1); then
    echo "$said"
    exit 0
  fi
  case "$said" in *"already been initialized"*)
    echo 'The cluster was made before.'
    exit 0
    ;;
  esac
  attempts=$((attempts - 1))
  if [ "$attempts" -le 0 ]; then
    echo "$said" >&2
    exit 1
  fi
  sleep "${PAUSE_SECONDS:-2}"
done
