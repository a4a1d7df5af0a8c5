{{- define "fleet.labels" -}}
app.kubernetes.io/name: {{ .name }}
app.kubernetes.io/instance: {{ .root.Values.project }}-{{ .root.Values.environment }}
app.kubernetes.io/part-of: {{ .root.Values.project }}
app.kubernetes.io/managed-by: sluice
sluice.dev/environment: {{ .root.Values.environment }}
{{- end }}

{{- define "fleet.metadata" -}}
name: {{ .name }}
namespace: {{ .root.Values.project }}-{{ .root.Values.environment }}
labels:
  {{- include "fleet.labels" . | nindent 2 }}
{{- end }}
