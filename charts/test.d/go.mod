module charts

go 1.26.0

// Only its custom resource definitions are used.
require github.com/prometheus-operator/prometheus-operator v0.86.1
