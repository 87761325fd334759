#!/bin/sh
# One node of the cluster. NODE is its name on the network; REGION and ZONE say where it stands.
# Clocks of one machine agree: 250 ms is what multi-region clusters are advised to bound them to,
# and what writes of GLOBAL tables wait for.
set -eu
exec "${COCKROACH:-/cockroach/cockroach}" start \
  --certs-dir="${CERTIFICATES:-/certificates}" \
  --store=path=/cockroach/cockroach-data \
  --listen-addr=:26257 \
  --http-addr=:8080 \
  --advertise-addr="$NODE:26257" \
  --join="$JOIN" \
  --locality="region=$REGION,zone=$ZONE" \
  --max-offset=250ms \
  --cache=256MiB \
  --max-sql-memory=256MiB
