# Values: every documented set is accepted, and wrong ones are refused with a sentence. Sourced by ../test.

lint() {
  local files
  mapfile -t files < <(files_of "$1")
  helm lint --strict --quiet "$chart" "${files[@]}"
}

is_current() { diff <(render "$1") "$chart/rendered/$1.yaml"; }

for name in "${!SETS[@]}"; do
  check "$name: lint" lint "$name"
  check "$name: rendered is current (charts/render writes it)" is_current "$name"
done
check 'crds: lint' helm lint --strict --quiet "$root/charts/crds"

# Each line: a sentence, the set it is tried with, and the value that is wrong.
while IFS='|' read -r sentence name value; do
  check "refused: $value" refused "$sentence" render "$name" --set "$value"
done <<'X'
additional properties 'replcas' not allowed|dev|controlPlane.replcas=2
got string, want integer|dev|controlPlane.replicas=many
minimum: got 0, want 1|dev|controlPlane.replicas=0
does not match pattern|dev|controlPlane.publicUrl=console.example.com
does not match pattern|dev|controlPlane.publicUrl=https://console.example.com/path
does not match pattern|dev|regions.eu.domain=EU.example.com
additional properties 'sa' not allowed|dev|regions.sa.domain=sa.example.com
value must be one of|dev|regions.eu.scheme=ftp
'not' failed|dev|images.runtime.tag=latest
does not match pattern|dev|images.operator.digest=sha256:abc
does not match pattern|na|regions.na.network.denyCidrs={10.0.0.0}
does not match pattern|na|regions.na.network.denyCidrsV6={10.0.0.0/8}
does not match pattern|na|regions.na.network.apiServerCidrs={api.example.com}
value must be one of 'TCP', 'UDP'|na|regions.na.network.extraEgress[0].cidr=10.0.0.9/32,regions.na.network.extraEgress[0].port=53,regions.na.network.extraEgress[0].protocol=SCTP
minimum: got 0, want 1|na|regions.na.ingress.trustProxy=0
got boolean, want|na|regions.na.ingress.trustProxy=true
value must be one of|dev|controlPlane.spread=sometimes
does not match pattern|dev|development.kek=too-short
controlPlane.publicUrl is needed|dev|controlPlane.publicUrl=
controlPlane.database.existingSecret is needed|dev|development.postgresql.enabled=false
controlPlane.kek.existingSecret is needed|dev|development.kek=
regions.eu.domain is needed|dev|regions.eu.domain=
regions.eu.databases is empty|dev|development.mongodb.enabled=false
regions.eu.network.apiServerCidrs is needed|dev|regionDefaults.network.apiServerCidrs=null
is another region's control namespace already|dev|regions.na.namespace=slipway-eu
is the release's namespace|dev|regions.na.namespace=slipway-system
is on another cluster|control-plane-and-eu|regions.na.operator.enabled=true
nothing to install|na|regions.na.operator.enabled=false
X
check 'refused: a database without an address' refused "missing properties" render na \
  --set 'regions.na.databases[1].name=x,regions.na.databases[1].existingSecret=x,regions.na.databases[1].capacity=1'
check 'refused: no values at all' refused 'controlPlane.publicUrl is needed' helm template slipway "$chart"

# Both ways: a value next to each kind of wrong one above is fine.
for value in controlPlane.replicas=5 controlPlane.publicUrl=https://c.example.com images.runtime.tag=1.2.3 \
  controlPlane.spread=none regions.na=null regions.eu.scheme=https 'regions.eu.network.denyCidrsV6={fd00::/8}' \
  regions.eu.ingress.trustProxy=2 'regions.eu.ingress.trustProxy={10.0.0.0/8,fd00::/8}' \
  'regions.eu.network.apiServerCidrs={203.0.113.7/32,2001:db8::7/128}' controlPlane.settings.limits.signups_per_minute=5; do
  check "accepted: $value" render dev --set "$value"
done

settings() { render "$1" "${@:2}" --show-only templates/control-plane/config.yaml; }
says() { grep -qxF -- "$1" <(sed 's/^ *//' <("${@:2}")); }
check 'a region that is not listed is off' says 'driver = "off"' settings dev --set regions.na=null
tenants() { render control-plane-and-eu "$@" --show-only templates/operator/config.yaml; }
for denied in 203.0.113.7/32 2001:db8::7/128 168.63.129.16/32 64:ff9b::/96; do
  check "no tenant reaches $denied" says "- $denied" tenants
done
check 'what tenants may reach besides can be UDP' says 'protocol: UDP' tenants
check 'a setting of the control plane reaches its file' says 'signups_per_minute = 5' \
  settings dev --set controlPlane.settings.limits.signups_per_minute=5
