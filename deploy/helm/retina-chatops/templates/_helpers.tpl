{{/* Prefix of the names of all objects. */}}
{{- define "retina.name" -}}
{{- .Values.fullnameOverride | default .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{/* Labels of all objects. */}}
{{- define "retina.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{ include "retina.selector" . }}
{{- end -}}

{{/* Labels of the pods of this release. */}}
{{- define "retina.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{/* Pods of bot, workers, terminals and the doctor, as matchLabels and matchExpressions. */}}
{{- define "retina.programPods" -}}
matchLabels: {{- include "retina.selector" . | nindent 2 }}
matchExpressions: [{ key: app.kubernetes.io/component, operator: In, values: [bot, worker, terminal, doctor] }]
{{- end -}}

{{- define "retina.image" -}}
{{- $tag := .tag | default .version -}}
{{- if .digest }}{{ .repository }}@{{ .digest }}{{ else }}{{ .repository }}:{{ $tag }}{{ end -}}
{{- end -}}

{{- define "retina.programImage" -}}
{{- include "retina.image" (merge (dict "version" .Chart.AppVersion) .Values.image) -}}
{{- end -}}

{{/*
The content of retina.yaml as JSON. Helm reads YAML 1.1, in which the key `on` of a grant is the boolean true, and `off` is false.
*/}}
{{- define "retina.config" -}}
{{- $config := .Values.config -}}
{{- if kindIs "string" $config -}}
{{- $config = fromYaml $config -}}
{{- if hasKey $config "Error" }}{{ fail (printf "config: this is no valid YAML: %s" $config.Error) }}{{ end -}}
{{- end -}}
{{- $config = deepCopy $config -}}
{{- if eq (dig "shell" "pin" "" $config | toString) "false" }}{{- $_ := set $config.shell "pin" "off" }}{{ end -}}
{{- range $config.clusters -}}
{{- if eq (get . "admissionPolicy" | toString) "false" }}{{- $_ := set . "admissionPolicy" "off" }}{{ end -}}
{{- end -}}
{{- range $config.grants -}}
{{- if hasKey . "true" }}{{- $_ := set . "on" (get . "true") }}{{- $_ := unset . "true" }}{{ end -}}
{{- end -}}
{{- toRawJson $config -}}
{{- end -}}

{{- define "retina.configText" -}}
{{- if kindIs "string" .Values.config -}}
{{- .Values.config -}}
{{- else -}}
{{- include "retina.config" . | fromJson | toYaml -}}
{{- end -}}
{{- end -}}

{{/* Names of the roles that this retina.yaml needs, as JSON: the terminal only where it has an address of its own. */}}
{{- define "retina.roles" -}}
{{- $config := include "retina.config" . | fromJson -}}
{{- ternary (list "bot" "worker" "terminal") (list "bot" "worker") (hasKey $config "terminal") | toJson -}}
{{- end -}}

{{- define "retina.httpPort" -}}
{{- $config := include "retina.config" . | fromJson -}}
{{- dig "http" "port" 8080 $config -}}
{{- end -}}

{{- define "retina.healthPort" -}}
{{- $config := include "retina.config" . | fromJson -}}
{{- dig "health" "port" 8082 $config -}}
{{- end -}}

{{- define "retina.debugNamespace" -}}
{{- $config := include "retina.config" . | fromJson -}}
{{- dig "shell" "namespace" "retina-chatops" $config -}}
{{- end -}}

{{/* Fails where bot and workers couldn't work, or would be less confined than they seem. */}}
{{- define "retina.check" -}}
{{- $config := include "retina.config" . | fromJson -}}
{{- if eq (include "retina.debugNamespace" .) .Release.Namespace -}}
{{- fail (printf "config.shell.namespace: debug pods need a namespace of their own, but %s is the one of bot and workers; install the release into another, as retina-chatops-system" .Release.Namespace) -}}
{{- end -}}
{{- $accounts := list -}}
{{- range include "retina.roles" . | fromJsonArray -}}
{{- $account := (get $.Values .).serviceAccount.name -}}
{{- if has $account $accounts -}}
{{- fail (printf "%s.serviceAccount.name: another role has the account %s too; bot, workers and terminals have different rights: give them different accounts" . $account) -}}
{{- end -}}
{{- $accounts = append $accounts $account -}}
{{- end -}}
{{- if and .Values.playbooks (not $config.playbooks) -}}
{{- fail "playbooks: retina.yaml names no playbooks, so that none is read; write playbooks: ./playbooks/*.yaml into it" -}}
{{- end -}}
{{- if and .Values.ingress.enabled .Values.httpRoute.enabled -}}
{{- fail "ingress.enabled and httpRoute.enabled: choose one of them" -}}
{{- end -}}
{{- range $name, $value := .Values.env -}}
{{- if regexMatch "TOKEN|SECRET|PASSWORD|SEAL_KEY|REDIS_URL" $name -}}
{{- fail (printf "env.%s: values hold nothing secret; put it into the secrets that secrets.bot, secrets.worker and secrets.terminal name" $name) -}}
{{- end -}}
{{- end -}}
{{- $host := dig "http" "host" "0.0.0.0" $config -}}
{{- if has $host (list "127.0.0.1" "localhost" "::1") -}}
{{- fail (printf "config.http.host: nothing reaches a bot that listens on %s only; leave it out" $host) -}}
{{- end -}}
{{- end -}}

{{/*
Fails unless the admission policy was made from this retina.yaml, for these accounts, by this version.
Its first lines say so: src/app/admission-file.ts writes them.
*/}}
{{- define "retina.checkAdmissionPolicy" -}}
{{- $again := "make it again: retina-chatops admission-policy --helm --config retina.yaml > admission-policy.yaml, and give it by --set-file admissionPolicy.file=admission-policy.yaml" -}}
{{- $file := .Values.admissionPolicy.file -}}
{{- if and $file .Values.admissionPolicy.external -}}
{{- fail "admissionPolicy.file and admissionPolicy.external: the policy is applied by this chart or by something else, not by both; remove one of the two" -}}
{{- end -}}
{{- if and (not $file) (not .Values.admissionPolicy.external) -}}
{{- fail (printf "admissionPolicy.file: without the admission policy anybody with the worker's account can make any pod; %s. Where something else applies it, set admissionPolicy.external=true" $again) -}}
{{- end -}}
{{- if $file -}}
{{- $line := regexFind "(?m)^# for the chart: .*$" $file -}}
{{- if not $line }}{{ fail (printf "admissionPolicy.file: its header for the chart is missing; %s" $again) }}{{ end -}}
{{- $header := dict -}}
{{- range splitList " " (trimPrefix "# for the chart: " $line | trim) -}}
{{- $pair := splitn "=" 2 . }}{{- $_ := set $header $pair._0 $pair._1 -}}
{{- end -}}
{{- if ne $header.version .Chart.AppVersion -}}
{{- fail (printf "admissionPolicy.file: it was made by version %s, and this chart installs %s, which may make other pods; %s" $header.version .Chart.AppVersion $again) -}}
{{- end -}}
{{- $names := list -}}
{{- range include "retina.roles" . | fromJsonArray -}}
{{- $names = append $names (printf "system:serviceaccount:%s:%s" $.Release.Namespace (get $.Values .).serviceAccount.name) -}}
{{- end -}}
{{- $accounts := join "," $names -}}
{{- if ne $header.accounts $accounts -}}
{{- fail (printf "admissionPolicy.file: it holds for the accounts %s, and this release has %s; %s, with --account for each" $header.accounts $accounts $again) -}}
{{- end -}}
{{- $part := include "retina.policyPart" (dict "config" (include "retina.config" . | fromJson) "impersonate" (eq $header.impersonate "true")) -}}
{{- if ne $header.sha256 (sha256sum $part) -}}
{{- fail (printf "admissionPolicy.file: it was made from another retina.yaml (capabilitySets, shell%s differ); %s" (ternary ", groups, or the people of grants" "" (eq $header.impersonate "true")) $again) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* The part of retina.yaml that the admission policy is made from. src/config/policy-part.ts writes the same text. */}}
{{- define "retina.policyPart" -}}
{{- $config := .config -}}
{{- $part := pick $config "capabilitySets" "shell" -}}
{{- if .impersonate -}}
{{- if hasKey $config "groups" }}{{- $_ := set $part "groups" $config.groups }}{{ end -}}
{{- $people := list -}}
{{- range $config.grants }}{{- $people = append $people (get . "to") }}{{ end -}}
{{- $_ := set $part "people" $people -}}
{{- end -}}
{{- toRawJson $part -}}
{{- end -}}

{{/* Environment of the program. Call with the root and the role's secret. */}}
{{- define "retina.env" -}}
{{- $root := .root -}}
envFrom:
  - secretRef: { name: {{ .secret }} }
env:
  # Shorter pauses under load, and less memory with nothing to do: docs/performance.md.
  - { name: NODE_OPTIONS, value: --max-semi-space-size=8 }
  - { name: MALLOC_ARENA_MAX, value: "2" }
  {{- if $root.Values.extraCa.configMap }}
  - { name: NODE_EXTRA_CA_CERTS, value: /etc/retina-chatops-ca/{{ $root.Values.extraCa.key }} }
  {{- end }}
  {{- if $root.Values.redis.embedded }}
  - name: REDIS_PASSWORD
    valueFrom: { secretKeyRef: { name: {{ $root.Values.redis.secret }}, key: REDIS_PASSWORD } }
  - { name: REDIS_URL, value: "redis://:$(REDIS_PASSWORD)@{{ include "retina.name" $root }}-redis:6379" }
  {{- end }}
  {{- range $name, $value := $root.Values.env }}
  - { name: {{ $name }}, value: {{ $value | quote }} }
  {{- end }}
{{- end -}}

{{- define "retina.podSecurityContext" -}}
runAsNonRoot: true
{{- if .Values.runAsUser }}
runAsUser: {{ .Values.runAsUser | int64 }}
runAsGroup: {{ .Values.runAsUser | int64 }}
fsGroup: {{ .Values.runAsUser | int64 }}
{{- end }}
seccompProfile: { type: RuntimeDefault }
{{- end -}}

{{- define "retina.containerSecurityContext" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: { drop: [ALL] }
{{- end -}}

{{/* Mounts and volumes of the program. Call with the root and the role's values. */}}
{{- define "retina.mounts" -}}
- { name: config, mountPath: /etc/retina-chatops, readOnly: true }
- { name: tmp, mountPath: /tmp }
{{- if .root.Values.extraCa.configMap }}
- { name: ca, mountPath: /etc/retina-chatops-ca, readOnly: true }
{{- end }}
{{- if .role.kubeconfigSecret }}
- { name: clusters, mountPath: /etc/retina-chatops-clusters, readOnly: true }
{{- end }}
{{- end -}}

{{- define "retina.volumes" -}}
- name: config
  {{- if .root.Values.playbooks }}
  configMap:
    name: {{ include "retina.name" .root }}
    items:
      - { key: retina.yaml, path: retina.yaml }
      {{- range $name, $_text := .root.Values.playbooks }}
      - { key: playbooks.{{ $name }}, path: playbooks/{{ $name }} }
      {{- end }}
  {{- else }}
  configMap: { name: {{ include "retina.name" .root }} }
  {{- end }}
- name: tmp
  emptyDir: { sizeLimit: 64Mi }
{{- if .root.Values.extraCa.configMap }}
- name: ca
  configMap: { name: {{ .root.Values.extraCa.configMap }} }
{{- end }}
{{- if .role.kubeconfigSecret }}
- name: clusters
  secret: { secretName: {{ .role.kubeconfigSecret }}, defaultMode: 0440 }
{{- end }}
{{- end -}}

{{/* Where pods of a role run. Call with the root, the role's values and its component. */}}
{{- define "retina.scheduling" -}}
{{- with .role.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .role.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .role.affinity }}
affinity: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .role.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
topologySpreadConstraints:
{{- if .role.topologySpreadConstraints }}
{{ toYaml .role.topologySpreadConstraints | indent 2 }}
{{- else }}
{{- range list "topology.kubernetes.io/zone" "kubernetes.io/hostname" }}
  - topologyKey: {{ . }}
    maxSkew: 1
    whenUnsatisfiable: ScheduleAnyway
    labelSelector: { matchLabels: { app.kubernetes.io/instance: {{ $.root.Release.Name }}, app.kubernetes.io/component: {{ $.component }} } }
{{- end }}
{{- end }}
{{- end -}}

{{/* A Deployment of the program. Call with root, component, role (its values), secret, and health (path of its readiness). */}}
{{- define "retina.deployment" -}}
{{- $root := .root -}}
{{- $config := include "retina.config" $root | fromJson -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "retina.name" $root }}-{{ .component }}
  namespace: {{ $root.Release.Namespace }}
  labels: {{- include "retina.labels" $root | nindent 4 }}
    app.kubernetes.io/component: {{ .component }}
spec:
  replicas: {{ .role.replicas | int }}
  selector:
    matchLabels: {{- include "retina.selector" $root | nindent 6 }}
      app.kubernetes.io/component: {{ .component }}
  template:
    metadata:
      labels: {{- include "retina.selector" $root | nindent 8 }}
        app.kubernetes.io/component: {{ .component }}
        {{- with .role.podLabels }}{{ toYaml . | nindent 8 }}{{ end }}
      annotations:
        # Sets, grants and people are read again while the program runs; a change of anything else restarts it.
        checksum/config: {{ omit $config "capabilitySets" "grants" "groups" "deny" "redact" "contact" "playbooks" | toRawJson | sha256sum }}
        {{- with .role.podAnnotations }}{{ toYaml . | nindent 8 }}{{ end }}
    spec:
      serviceAccountName: {{ .role.serviceAccount.name }}
      automountServiceAccountToken: true
      enableServiceLinks: false
      terminationGracePeriodSeconds: {{ .role.terminationGracePeriodSeconds | int }}
      {{- with $root.Values.imagePullSecrets }}
      imagePullSecrets: {{- range . }}
        - name: {{ . }}
      {{- end }}
      {{- end }}
      securityContext: {{- include "retina.podSecurityContext" $root | nindent 8 }}
      {{- include "retina.scheduling" . | trim | nindent 6 }}
      containers:
        - name: retina-chatops
          image: {{ include "retina.programImage" $root }}
          imagePullPolicy: {{ $root.Values.image.pullPolicy }}
          args: [start, --config, /etc/retina-chatops/retina.yaml, --role, {{ .component }}]
          {{- include "retina.env" (dict "root" $root "secret" .secret) | nindent 10 }}
          ports:
            {{- if ne .component "worker" }}
            - { name: http, containerPort: {{ include "retina.httpPort" $root }} }
            {{- end }}
            - { name: health, containerPort: {{ include "retina.healthPort" $root }} }
          # A busy node needs longer to start the program than the liveness probe waits.
          startupProbe: { httpGet: { path: /healthz, port: health }, periodSeconds: 2, timeoutSeconds: 5, failureThreshold: 90 }
          livenessProbe: { httpGet: { path: /healthz, port: health }, periodSeconds: 10, timeoutSeconds: 5 }
          readinessProbe: { httpGet: { path: {{ .health }}, port: health }, periodSeconds: 5, timeoutSeconds: 5 }
          resources: {{- toYaml .role.resources | nindent 12 }}
          securityContext: {{- include "retina.containerSecurityContext" $root | nindent 12 }}
          volumeMounts: {{- include "retina.mounts" . | nindent 12 }}
      volumes: {{- include "retina.volumes" . | nindent 8 }}
{{- end -}}
