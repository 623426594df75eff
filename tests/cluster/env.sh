# Settings and functions of the scripts beside it. Sourced, never run.
#
#   CLUSTER_DIR     where a running cluster keeps its state    $SLIPWAY_CACHE/cluster; not below /var or /run
#   CLUSTER_NAME    name of its bridge, prefix of its links    kc; at most 8 characters
#   CLUSTER_NET     an unused /16, its first two numbers       10.90
#   CLUSTER_NODES   the nodes, each called <region>-<number>   eu-1 eu-2 na-1
#
# Binaries and images are shared by all clusters of a user and outlive them.
set -euo pipefail
export LC_ALL=C
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
source "$here/../../scripts/lib.sh"

store=$SLIPWAY_CACHE/cluster
mkdir -p "$store" "${CLUSTER_DIR:=$store}"
store=$(cd "$store" && pwd -P)
BIN=$store/bin
IMAGES=$store/images
RUN=$(cd "$CLUSTER_DIR" && pwd -P)/run
PKI=$RUN/pki
NAME=${CLUSTER_NAME:-kc}
NET=${CLUSTER_NET:-10.90}
NODES=${CLUSTER_NODES:-eu-1 eu-2 na-1}
export KUBECONFIG=$RUN/admin.kubeconfig

HOST_IP=$NET.0.1 # the machine's end of the bridge, where the control plane listens
SVC_CIDR=$NET.64.0/18
API_SVC_IP=$NET.64.1
DNS_IP=$NET.64.10
POD_CIDR=$NET.128.0/17
CGROUPS=/sys/fs/cgroup
KUBE_VERSION=$(awk '$1 == "k8s.io/kubernetes" {print $2}' "$here/k8s/go.mod")

# number_of eu-2: its place among the nodes, from 1, from which its addresses follow.
number_of() { local i=0 n; for n in $NODES; do i=$((i + 1)); [ "$n" != "$1" ] || echo $i; done; }
node_ip() { echo "$NET.0.$((10 + $(number_of "$1")))"; }
node_cidr() { echo "$NET.$((128 + $(number_of "$1"))).0/24"; }
region_of() { echo "${1%%-*}"; }

kubectl() { "$BIN/kubectl" "$@"; }
helm() { "$BIN/helm" "$@"; }

# A pid file holds "pid starttime", so that a reused pid is never mistaken for ours.
start_time() { sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d' ' -f20; }
alive() { # pid-file
  local pid started
  read -r pid started <"$1" 2>/dev/null && [ "$(start_time "$pid")" = "$started" ]
}
start() { # name command...
  local name=$1 pid
  shift
  setsid "$@" >"$RUN/log/$name.log" 2>&1 </dev/null 9>&- &
  pid=$!
  echo "$pid $(start_time "$pid")" >"$RUN/pid/$name"
}
wait_for() { # seconds what command...
  local end=$((SECONDS + $1)) what=$2
  shift 2
  until "$@" >/dev/null 2>&1; do
    [ $SECONDS -lt $end ] || fail "waited in vain for $what; logs are in $RUN/log"
    sleep 0.1
  done
}

# in_node eu-1 COMMAND...: run a command inside a node, among its mounts, network and processes.
in_node() {
  local pid _
  read -r pid _ <"$RUN/pid/init-$1"
  shift
  nsenter -t "$pid" -m -n -p -u -i -- "$@"
}
