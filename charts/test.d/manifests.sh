# What is rendered, against the schemas of a real API server and then that server itself. Sourced by ../test.

"$root/tests/cluster/up" api >"$work/up.log" 2>&1 || { cat "$work/up.log"; fail 'the API server did not start'; }
export KUBECONFIG=$CLUSTER_DIR/run/admin.kubeconfig

# The definitions of the Prometheus operator, from its own module.
prometheus_operator() { (cd "$root/charts/test.d" && go mod download -json github.com/prometheus-operator/prometheus-operator | jq -r .Dir); }
definitions=$(prometheus_operator)/example/prometheus-operator-crd
crds() { helm template slipway-crds "$root/charts/crds"; }
check 'the definitions are accepted' kubectl apply --server-side -f <(crds) \
  -f "$definitions/monitoring.coreos.com_servicemonitors.yaml" -f "$definitions/monitoring.coreos.com_prometheusrules.yaml"
kubectl wait --for=condition=Established crd --all >/dev/null
"$root/tests/cluster/schemas" "$work/schemas"

conforms() {
  kubeconform -strict -summary -schema-location "$work/schemas/{{.ResourceKind}}{{.KindSuffix}}.json" "$1"
}
has_a_schema_that_refuses() {
  sed 's/replicas: /replicsa: /' "$chart/rendered/$1.yaml" >"$work/wrong.yaml"
  refused "additional properties 'replicsa' not allowed" conforms "$work/wrong.yaml"
}
# The namespaces first, for the server refuses objects of namespaces that are not there.
kubectl create namespace slipway-system >/dev/null
accepted() { kubectl apply --server-side --dry-run=server --validate=strict -f "$chart/rendered/$1.yaml"; }
namespaces() { render "$1" --show-only templates/operator/namespace.yaml | kubectl apply -f - >/dev/null; }

for name in "${!SETS[@]}"; do
  namespaces "$name"
  check "$name: conforms to the schemas" conforms "$chart/rendered/$name.yaml"
  check "$name: a misspelt field would be found" has_a_schema_that_refuses "$name"
  check "$name: the API server accepts all of it" accepted "$name"
done

# Pod Security `restricted` warns of every pod that would be refused.
restricted() {
  local warnings
  kubectl label namespace slipway-system --overwrite pod-security.kubernetes.io/warn=restricted >/dev/null
  warnings=$(accepted "$1" 2>&1 | grep -i 'would violate PodSecurity')
  [ -z "$warnings" ] || { echo "$warnings"; return 1; }
}
for name in "${!SETS[@]}"; do
  kubectl label namespace slipway-eu slipway-na slipway-apps --overwrite pod-security.kubernetes.io/warn=restricted >/dev/null
  check "$name: every pod passes Pod Security restricted" restricted "$name"
done
