{{/* First part of every name. */}}
{{- define "slipway.name" -}}
{{ .Values.nameOverride | default .Release.Name | trunc 40 | trimSuffix "-" }}
{{- end }}

{{/* Labels of everything. Call with (list $ component). */}}
{{- define "slipway.labels" -}}
{{- $root := first . -}}
helm.sh/chart: {{ printf "%s-%s" $root.Chart.Name $root.Chart.Version }}
app.kubernetes.io/version: {{ $root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
app.kubernetes.io/part-of: slipway
{{ include "slipway.selector" . }}
{{- end }}

{{/* Labels that find the pods of a component. */}}
{{- define "slipway.selector" -}}
{{- $root := first . -}}
app.kubernetes.io/name: {{ last . }}
app.kubernetes.io/instance: {{ $root.Release.Name }}
{{- end }}

{{/* Reference of an image. Call with (list $ image). */}}
{{- define "slipway.image" -}}
{{- $root := first . -}}
{{- $image := last . -}}
{{- printf "%s:%s" $image.repository ($image.tag | default $root.Chart.AppVersion) -}}
{{- with $image.digest }}@{{ . }}{{ end -}}
{{- end }}

{{/* The regions with regionDefaults below what each says itself, as YAML: {eu: {...}}. */}}
{{- define "slipway.regions" -}}
{{- $regions := dict -}}
{{- range $id, $own := .Values.regions }}
{{- if $own }}
{{- $_ := set $regions $id (mergeOverwrite (deepCopy $.Values.regionDefaults) (deepCopy $own)) }}
{{- end }}
{{- end }}
{{- toYaml $regions }}
{{- end }}

{{/* Those with an operator in this release, as YAML. */}}
{{- define "slipway.operators" -}}
{{- $regions := dict -}}
{{- range $id, $region := include "slipway.regions" . | fromYaml }}
{{- if $region.operator.enabled }}
{{- $_ := set $regions $id $region }}
{{- end }}
{{- end }}
{{- toYaml $regions }}
{{- end }}

{{/* The host of publicUrl. */}}
{{- define "slipway.host" -}}
{{ .Values.controlPlane.ingress.host | default (index (urlParse .Values.controlPlane.publicUrl) "hostname") }}
{{- end }}

{{/* User name of the control plane's account in this cluster. */}}
{{- define "slipway.controlPlane.user" -}}
system:serviceaccount:{{ .Release.Namespace }}:{{ include "slipway.name" . }}-control-plane
{{- end }}

{{/* User name of the account of a control plane in another cluster. Call with the control namespace. */}}
{{- define "slipway.remoteControlPlane.user" -}}
system:serviceaccount:{{ . }}:slipway-control-plane
{{- end }}

{{/* User names of all operators of this release, as a CEL list. */}}
{{- define "slipway.operators.users" -}}
{{- $users := list -}}
{{- range $id, $region := include "slipway.operators" . | fromYaml }}
{{- $users = append $users (printf "'system:serviceaccount:%s:slipway-operator'" $region.namespace) }}
{{- end }}
{{- printf "[%s]" (join ", " ($users | uniq)) }}
{{- end }}

{{/* What every container of this release may do: nothing. */}}
{{- define "slipway.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end }}

{{/* Call with a user id. */}}
{{- define "slipway.podSecurity" -}}
runAsNonRoot: true
runAsUser: {{ . }}
runAsGroup: {{ . }}
fsGroup: {{ . }}
fsGroupChangePolicy: OnRootMismatch
seccompProfile: {type: RuntimeDefault}
{{- end }}

{{/* Replicas apart from each other. Call with (list $ component spread). */}}
{{- define "slipway.spread" -}}
{{- $root := index . 0 -}}
{{- $component := index . 1 -}}
{{- $spread := index . 2 -}}
{{- if ne $spread "none" }}
topologySpreadConstraints:
{{- range $key := list "topology.kubernetes.io/zone" "kubernetes.io/hostname" }}
  - maxSkew: 1
    topologyKey: {{ $key }}
    whenUnsatisfiable: {{ eq $spread "required" | ternary "DoNotSchedule" "ScheduleAnyway" }}
    labelSelector:
      matchLabels: {{- include "slipway.selector" (list $root $component) | nindent 8 }}
    matchLabelKeys: [pod-template-hash]
{{- end }}
{{- end }}
{{- end }}

{{/* Where pods of this release may run. Call with (list $ settings). */}}
{{- define "slipway.placement" -}}
{{- $root := first . -}}
{{- $settings := last . -}}
{{- if $root.Values.priorityClasses.create }}
priorityClassName: slipway-platform
{{- end }}
{{- with $root.Values.imagePullSecrets }}
imagePullSecrets:
{{- range . }}
  - name: {{ . }}
{{- end }}
{{- end }}
{{- with $settings.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $settings.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* Settings by section as TOML. Strings, numbers and booleans of TOML are written as in JSON. */}}
{{- define "slipway.toml" -}}
{{- range $section, $keys := . }}
[{{ $section }}]
{{- range $key, $value := $keys }}
{{ $key }} = {{ toJson $value }}
{{- end }}
{{ end }}
{{- end }}

{{/* Stops with a sentence when something needed is missing. */}}
{{- define "slipway.validate" -}}
{{- $plane := .Values.controlPlane -}}
{{- if $plane.enabled }}
{{- if not $plane.publicUrl }}{{ fail "controlPlane.publicUrl is needed: where people reach the console, e.g. https://console.example.com" }}{{ end }}
{{- if not (or $plane.database.existingSecret .Values.development.postgresql.enabled) }}{{ fail "controlPlane.database.existingSecret is needed: a Secret with PostgreSQL's connection string" }}{{ end }}
{{- if not (or $plane.kek.existingSecret .Values.development.kek) }}{{ fail "controlPlane.kek.existingSecret is needed: a Secret with the key-encryption key" }}{{ end }}
{{- if not .Values.regions }}{{ fail "regions is empty: list the regions the control plane serves, e.g. regions.eu.domain=eu.apps.example.com" }}{{ end }}
{{- end }}
{{- $namespaces := list }}
{{- range $id, $region := include "slipway.regions" . | fromYaml }}
{{- if and $plane.enabled (not $region.domain) }}{{ fail (printf "regions.%s.domain is needed: apps get the host <application id>.<domain>" $id) }}{{ end }}
{{- if and $region.operator.enabled $region.cluster.kubeconfigSecret }}{{ fail (printf "regions.%s is on another cluster (cluster.kubeconfigSecret): set regions.%s.operator.enabled=false here and install its operator there" $id $id) }}{{ end }}
{{- if $region.operator.enabled }}
{{- if not $region.network.apiServerCidrs }}{{ fail (printf "regions.%s.network.apiServerCidrs is needed: the addresses of the cluster's API server, which apps must not reach, e.g. [203.0.113.7/32]" $id) }}{{ end }}
{{- if not (or $region.databases $.Values.development.mongodb.enabled) }}{{ fail (printf "regions.%s.databases is empty: the operator needs at least one MongoDB" $id) }}{{ end }}
{{- if has $region.namespace $namespaces }}{{ fail (printf "regions.%s.namespace: %s is another region's control namespace already" $id $region.namespace) }}{{ end }}
{{- if eq $region.namespace $.Release.Namespace }}{{ fail (printf "regions.%s.namespace: %s is the release's namespace; a control namespace holds nothing else" $id $region.namespace) }}{{ end }}
{{- $namespaces = append $namespaces $region.namespace }}
{{- end }}
{{- end }}
{{- if and (not $plane.enabled) (not $namespaces) }}{{ fail "nothing to install: enable the control plane or a region's operator" }}{{ end }}
{{- end }}
