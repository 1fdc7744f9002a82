#!/bin/sh
# Join servers that know nothing of one another to one cluster, each master with a replica; do nothing where they are one.
#   join-valkey.sh HOST:PORT HOST:PORT …      six or more; the password is in VALKEYCLI_AUTH
set -eu

first=$1
host=${first%:*}
port=${first##*:}
tries=60
until [ "$(valkey-cli -h "$host" -p "$port" PING 2>/dev/null)" = PONG ]; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || { echo "$first does not answer" >&2; exit 1; }
    sleep 1
done
if valkey-cli -h "$host" -p "$port" CLUSTER INFO | grep -q '^cluster_slots_assigned:16384'; then
    echo "the cluster is there"
    exit 0
fi
exec valkey-cli --cluster create "$@" --cluster-replicas 1 --cluster-yes
