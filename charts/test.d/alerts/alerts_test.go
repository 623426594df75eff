// Reads the alerts and dashboards as Prometheus would, and tries with its own engine the expressions that are easy to get wrong.
package alerts

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/prometheus/prometheus/promql/promqltest"
)

const chart = "../../slipway"

// rules are those of all files with alerts, by name.
func rules(t *testing.T) map[string]rulefmt.Rule {
	t.Helper()
	files, _ := filepath.Glob(chart + "/alerts/*.yaml")
	found := map[string]rulefmt.Rule{}
	for _, file := range files {
		groups, problems := rulefmt.ParseFile(file, false, model.UTF8Validation)
		for _, problem := range problems {
			t.Errorf("%s: %v", file, problem)
		}
		for _, group := range groups.Groups {
			for _, rule := range group.Rules {
				found[rule.Alert] = rule
			}
		}
	}
	return found
}

func TestAlertsAreRulesThatPrometheusReads(t *testing.T) {
	if found := len(rules(t)); found < 15 {
		t.Fatalf("only %d alerts", found)
	}
}

func TestDashboardsAskInPromQL(t *testing.T) {
	files, _ := filepath.Glob(chart + "/dashboards/*.json")
	asked := 0
	for _, file := range files {
		content, _ := os.ReadFile(file)
		var dashboard any
		if err := json.Unmarshal(content, &dashboard); err != nil {
			t.Fatal(err)
		}
		each(dashboard, func(expression string) {
			asked++
			// Grafana fills these in.
			filled := strings.NewReplacer("$__rate_interval", "5m", "$__range", "1h", "$__interval", "1m").Replace(expression)
			if _, err := parser.ParseExpr(filled); err != nil {
				t.Errorf("%s: %s: %v", file, expression, err)
			}
		})
	}
	if asked < 20 {
		t.Fatalf("only %d expressions", asked)
	}
}

// each calls visit with every "expr" in a document.
func each(value any, visit func(string)) {
	switch value := value.(type) {
	case map[string]any:
		for key, below := range value {
			if text, ok := below.(string); ok && key == "expr" {
				visit(text)
			}
			each(below, visit)
		}
	case []any:
		for _, below := range value {
			each(below, visit)
		}
	}
}

func TestSuspendedAppsAreNotMissingReplicas(t *testing.T) {
	alert := strings.Join(strings.Fields(rules(t)["SlipwayManyAppsNotReady"].Expr), " ")
	for name, fleet := range map[string]struct {
		available, serving, suspended string
		expected                      string
	}{
		"a fifth is suspended":             {"80", "80", "20", ""},
		"a fifth does not answer":          {"80", "100", "", `{region="eu"} 0.2`},
		"nobody answers":                   {"", "100", "20", `{region="eu"} 1`},
		"a few do not, many are suspended": {"95", "100", "900", ""},
		"all are suspended":                {"", "", "50", ""},
	} {
		t.Run(name, func(t *testing.T) {
			var script strings.Builder
			script.WriteString("load 1m\n")
			for condition, count := range map[string]string{
				`condition="WorkloadAvailable",status="True"`: fleet.available,
				`condition="Suspended",status="False"`:        fleet.serving,
				`condition="Suspended",status="True"`:         fleet.suspended,
			} {
				// Both replicas of the operator count, and a series without Apps is not there.
				for _, pod := range []string{"a", "b"} {
					if count != "" {
						script.WriteString(`  slipway_operator_apps{region="eu",pod="` + pod + `",` + condition + "} " + count + "\n")
					}
				}
			}
			script.WriteString("\neval instant at 0m " + alert + "\n")
			if fleet.expected != "" {
				script.WriteString("  " + fleet.expected + "\n")
			}
			promqltest.RunTest(t, script.String(), promqltest.NewTestEngine(t, false, 0, promqltest.DefaultMaxSamplesPerQuery))
		})
	}
}
