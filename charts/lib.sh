# Shared by render and test: the sets of values that the chart is tried with. Sourced, never run.
source "$(dirname "${BASH_SOURCE[0]}")/../scripts/lib.sh"
chart=$root/charts/slipway
PATH=$SLIPWAY_CACHE/cluster/bin:$PATH
for program in helm kubeconform; do have $program || "$root/tests/cluster/build" tools; done

# By name: the files, laid over each other.
declare -A SETS=(
  [dev]="values-dev.yaml"
  [control-plane-and-eu]="values-ha.yaml ci/control-plane-and-eu.yaml"
  [na]="values-ha.yaml ci/na.yaml"
)

# files_of NAME: its arguments for helm.
files_of() {
  local file
  for file in ${SETS[$1]}; do printf -- '-f\n%s\n' "$chart/$file"; done
}

# render NAME [argument of helm...]
render() {
  local name=$1 files
  shift
  mapfile -t files < <(files_of "$name")
  helm template slipway "$chart" --namespace slipway-system "${files[@]}" "$@"
}
