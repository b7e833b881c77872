{{- define "signet.name" -}}
{{- if contains "signet" .Release.Name }}{{ .Release.Name | trunc 50 | trimSuffix "-" }}{{ else }}{{ printf "%s-signet" .Release.Name | trunc 50 | trimSuffix "-" }}{{ end }}
{{- end }}

{{- define "signet.selector" -}}
app.kubernetes.io/name: signet
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "signet.labels" -}}
{{ include "signet.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- /* What would make a deployment that loses something, or shows it. */}}
{{- define "signet.check" -}}
{{- if not .Values.masterKey.existingSecret }}
{{- fail "masterKey.existingSecret: name a Secret with the master key: openssl rand -hex 32 | tr -d '\\n' | kubectl create secret generic signet-master-key --from-file=master-key=/dev/stdin" }}
{{- end }}
{{- if and (gt (int .Values.replicas) 1) (not .Values.store.address) }}
{{- fail "replicas: several nodes need an etcd cluster to share: set store.address" }}
{{- end }}
{{- if and (not .Values.tls.existingSecret) (not .Values.insecureListen) }}
{{- fail "tls.existingSecret: name a Secret of type kubernetes.io/tls, or say insecureListen: true where something with TLS is in front and nothing else reaches the pods" }}
{{- end }}
{{- if and (hasPrefix "etcds://" .Values.store.address) (not .Values.store.tlsSecret) }}
{{- fail "store.tlsSecret: etcds:// needs a Secret with ca.crt" }}
{{- end }}
{{- end }}

{{- define "signet.scheme" -}}
{{ if .Values.tls.existingSecret }}HTTPS{{ else }}HTTP{{ end }}
{{- end }}

{{- /* One TOML value. */}}
{{- define "signet.toml" -}}
{{- if kindIs "slice" . }}[{{ range $i, $item := . }}{{ if $i }}, {{ end }}{{ include "signet.toml" $item }}{{ end }}]
{{- else if kindIs "string" . }}{{ . | quote }}
{{- else if and (kindIs "float64" .) (eq . (floor .)) }}{{ int64 . }}
{{- else }}{{ . }}
{{- end }}
{{- end }}
