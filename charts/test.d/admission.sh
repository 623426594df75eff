# The admission policies, each both ways, as the accounts that the chart makes. Sourced by ../test.

kubectl apply --server-side -f "$chart/rendered/dev.yaml" >/dev/null
tenant=app-01k0000000000000000000000a
# With the group, permissions are no obstacle: what refuses is the policy.
operator=(--as=system:serviceaccount:slipway-eu:slipway-operator --as-group=system:masters)
somebody=(--as=somebody --as-group=system:masters)
plane=(--as=system:serviceaccount:slipway-system:slipway-control-plane)

# A new policy is obeyed within moments.
in_force() { refused ValidatingAdmissionPolicy kubectl "${operator[@]}" create namespace "probe-$RANDOM"; }
for _ in {1..100}; do in_force >/dev/null && break; sleep 0.1; done

namespace() { printf '{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "%s", "labels": {%s}}}' "$1" "$2"; }
labels="\"app.kubernetes.io/managed-by\": \"slipway-operator\", \"pod-security.kubernetes.io/enforce\": \"baseline\""
theirs='the labels of tenants'
apply() { kubectl "$@" apply -f -; }
make() { namespace "$1" "$labels" | apply "${@:2}"; }

check "a stranger cannot make a tenant's namespace" refused "$theirs" make "$tenant" "${somebody[@]}"
check 'the operator can' make "$tenant" "${operator[@]}"
check 'the operator makes no other namespaces' refused 'only tenants' kubectl "${operator[@]}" create namespace other
check 'a stranger can' kubectl "${somebody[@]}" create namespace other

relabel() { kubectl "${@:3}" label namespace "$1" --overwrite "$2"; }
check 'a stranger cannot weaken Pod Security' refused "$theirs" relabel "$tenant" pod-security.kubernetes.io/enforce=privileged "${somebody[@]}"
check "a stranger cannot take a tenant's label away" refused "$theirs" relabel "$tenant" app.kubernetes.io/managed-by- "${somebody[@]}"
check 'a stranger cannot pass a namespace off as a tenant' refused "$theirs" relabel other app.kubernetes.io/managed-by=slipway-operator "${somebody[@]}"
check 'other labels are free' relabel "$tenant" team=shop "${somebody[@]}"
check 'the operator sets all of them' relabel "$tenant" pod-security.kubernetes.io/enforce=restricted "${operator[@]}"
relabel "$tenant" pod-security.kubernetes.io/enforce=baseline "${operator[@]}" >/dev/null

quota() { kubectl "${@:2}" -n "$tenant" create quota "$1" --hard=pods=10; }
check 'a stranger changes no quota' refused "only slipway-operator changes this" quota tenant "${somebody[@]}"
check 'the operator does' quota tenant "${operator[@]}"
check 'a rehearsal is nobody to be stopped' kubectl "${somebody[@]}" -n "$tenant" delete quota tenant --dry-run=server
check 'who breaks the glass does, too' quota glass --as=eve --as-group=system:masters --as-group=slipway:break-glass
check 'a stranger deletes no quota' refused "only slipway-operator changes this" kubectl "${somebody[@]}" -n "$tenant" delete quota tenant
check 'Kubernetes itself may' kubectl --as=system:serviceaccount:kube-system:namespace-controller --as-group=system:masters -n "$tenant" delete quota tenant

deployment() { kubectl "$@" -n "$tenant" create deployment runtime --image=localhost/slipway-runtime:1.0.0; }
check 'a stranger makes no Deployment' refused "only slipway-operator changes this" deployment "${somebody[@]}"
check 'the operator does' deployment "${operator[@]}"
check 'a stranger adds no variable to it' refused "only slipway-operator changes this" kubectl "${somebody[@]}" -n "$tenant" set env deploy/runtime A=b
check 'an autoscaler scales it' kubectl --as=system:serviceaccount:kube-system:horizontal-pod-autoscaler --as-group=system:masters -n "$tenant" scale deploy/runtime --replicas=2

kubectl -n "$tenant" create serviceaccount default >/dev/null
pod() { kubectl "${@:3}" -n "$tenant" run "$1" --image="$2"; }
digest=sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
for image in localhost/slipway-runtime localhost/slipway-runtime:latest docker.io/library/busybox:1 "evil.example/slipway-runtime@$digest"; do
  check "a tenant's pod does not run $image" refused 'by a fixed version or digest' pod wrong "$image" "${operator[@]}"
done
check "a tenant's pod runs the runtime by version" pod by-version localhost/slipway-runtime:1.0.0 "${somebody[@]}"
check "a tenant's pod runs the runtime by digest" pod by-digest "localhost/slipway-runtime@$digest" "${somebody[@]}"
check 'other namespaces run what they like' kubectl -n other run free --image=docker.io/library/busybox --dry-run=client

secret() { kubectl "${@:3}" -n "$1" create secret generic "$2" --from-literal=a=b; }
check 'the operator writes to its control namespace' secret slipway-eu made-by-operator "${operator[@]}"
check 'the operator writes nowhere else' refused 'only tenants' secret other made-by-operator "${operator[@]}"
check 'the control plane writes the settings of an app' secret slipway-eu "$tenant" "${plane[@]}"
check 'the control plane writes no other Secret' refused 'named after an App' secret slipway-eu slipway-mongodb-2 "${plane[@]}"
check 'the control plane reads no Secret' refused 'cannot get' kubectl "${plane[@]}" -n slipway-eu get secret "$tenant"
check 'the control plane has nothing to do elsewhere' refused 'cannot create' secret other "$tenant" "${plane[@]}"
can() { [ "$(kubectl "${@:2}" auth can-i ${1//-/ } 2>/dev/null)" = yes ]; }
cannot() { ! can "$@"; }
check 'the control plane writes Apps' can patch-apps.apps.slipway.dev "${plane[@]}" -n slipway-eu
check 'the control plane makes no namespaces' cannot create-namespaces "${plane[@]}"
account=(--as=system:serviceaccount:slipway-eu:slipway-operator)
for verb in create-pods create-rolebindings create-clusterroles get-nodes create-pods/exec impersonate-users delete-apps.apps.slipway.dev; do
  check "the operator may not ${verb//-/ }" cannot "$verb" "${account[@]}" -n slipway-eu
done
for verb in update-apps.apps.slipway.dev update-apps.apps.slipway.dev/finalizers update-apps.apps.slipway.dev/status list-leases.coordination.k8s.io update-leases.coordination.k8s.io; do
  check "the operator has no need to ${verb//-/ }" cannot "$verb" "${account[@]}" -n slipway-eu
done
lease() { [ "$(kubectl "${account[@]}" -n slipway-eu auth can-i "$1" "leases.coordination.k8s.io/$2" 2>/dev/null)" = "$3" ]; }
for verb in get patch; do
  check "the operator may $verb its lease" lease "$verb" slipway-operator yes
  check "the operator may not $verb another's lease" lease "$verb" cert-manager no
done
named() { kubectl "${account[@]}" get secrets --all-namespaces "$@"; }
check "the operator follows tenants' Secrets by their names" named --field-selector metadata.name=runtime
check 'the operator reads no other Secrets' refused 'cannot list' named
check 'the operator reads no Secret of other names' refused 'cannot get' kubectl "${account[@]}" -n other get secret token
helper=(--as=helper --as-group=support)
kubectl create clusterrolebinding support --clusterrole=slipway-support --group=support >/dev/null
for verb in list-apps.apps.slipway.dev patch-apps.apps.slipway.dev get-pods/log list-events watch-deployments.apps; do
  check "support may ${verb//-/ }" can "$verb" "${helper[@]}" -n "$tenant"
done
for verb in get-secrets list-secrets create-apps.apps.slipway.dev delete-apps.apps.slipway.dev create-pods/exec patch-deployments.apps; do
  check "support may not ${verb//-/ }" cannot "$verb" "${helper[@]}" -n "$tenant"
done
check 'the operator follows Deployments' can watch-deployments.apps "${account[@]}" -n "$tenant"
check "an operator has nothing to do with another region's Apps" cannot list-apps.apps.slipway.dev "${account[@]}" -n slipway-na
