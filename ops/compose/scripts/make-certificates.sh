#!/bin/sh
# Makes what a secure cluster needs: an authority, one certificate for all nodes and balancers, and
# root's. What is there stays. A job that was killed is finished by the next one.
set -eu
cockroach=${COCKROACH:-/cockroach/cockroach}
certificates=${CERTIFICATES:-/certificates}
key=${CERTIFICATE_KEY:-/certificate-key}/ca.key
authority=${AUTHORITY:-/authority}

if [ ! -f "$certificates/ca.crt" ]; then
  "$cockroach" cert create-ca --certs-dir="$certificates" --ca-key="$key" --allow-ca-key-reuse
fi
if [ ! -f "$certificates/node.crt" ]; then
  # The hosts are words of one line.
  # shellcheck disable=SC2086
  "$cockroach" cert create-node localhost 127.0.0.1 $HOSTS \
    --certs-dir="$certificates" --ca-key="$key" --overwrite
fi
if [ ! -f "$certificates/client.root.crt" ]; then
  "$cockroach" cert create-client root --certs-dir="$certificates" --ca-key="$key" --overwrite
fi
# Last, and whole: whoever waits for the authority's certificate finds all of them made.
cp "$certificates/ca.crt" "$authority/ca.crt.new"
chmod 644 "$authority/ca.crt.new"
mv "$authority/ca.crt.new" "$authority/ca.crt"
