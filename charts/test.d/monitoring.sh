# Alerts and dashboards: every metric is one that the code has, every alert has its section in the runbook. Sourced by ../test.

# Names as they are registered; the operator's registry puts its prefix before each.
known_metrics() {
  grep -hoE '"slipway_[a-z_]+"' "$root/control-plane/src/metrics.rs" | tr -d '"'
  grep -oE '(seconds|counters|gauges|IntGauge::new|Gauge::new|HistogramOpts::new)\( *"[a-z_]+"' <(tr -d '\n' <"$root/operator/src/metrics.rs" | sed 's/( */(/g') |
    sed 's/.*"\(.*\)"/slipway_operator_\1/'
}
used_metrics() { grep -hoE 'slipway_[a-z_]+' "$chart"/alerts/*.yaml "$chart"/dashboards/*.json | sed 's/_bucket$//' | sort -u; }
no_unknown_metric() {
  local unknown
  unknown=$(comm -13 <(known_metrics | sort -u) <(used_metrics))
  [ -z "$unknown" ] || { echo "nobody has: $unknown"; return 1; }
}
check 'alerts and dashboards ask for metrics that exist' no_unknown_metric

# By Prometheus' own parser and engine, from the Go module proxy.
promql() { (cd "$root/charts/test.d/alerts" && go test .); }
check 'alerts and dashboards are PromQL, and suspended apps raise no alarm' promql

alerts() { sed -n 's/^ *- alert: //p' "$chart"/alerts/*.yaml; }
has_section() { grep -qx "### $1" "$root/docs/runbook.md"; }
for alert in $(alerts); do
  check "the runbook has a section $alert" has_section "$alert"
done

# The anchor is what GitHub and others make of the heading.
links() { render na --show-only templates/monitoring/rules.yaml | grep -c "runbook_url: https://[^ ]*runbook.md#slipway[a-z]*$"; }
has_links() { [ "$(links)" = "$(grep -c 'alert:' "$chart/alerts/operator.yaml")" ]; }
check 'every alert links to its section' has_links
