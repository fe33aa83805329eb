import { z } from 'zod'
import { configJsonSchema } from '#src/config/json-schema'

const name = z.string().regex(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/)
const optionalName = z.string().regex(/^([a-z0-9]([-a-z0-9.]*[a-z0-9])?)?$/)
const texts = z.record(z.string(), z.string())
const objects = z.array(z.record(z.string(), z.unknown()))
const port = z.int().min(1).max(65_535)
const pullPolicy = z.enum(['Always', 'IfNotPresent', 'Never'])
const quantities = z.record(z.string(), z.union([z.string(), z.number()]))
const resources = z.strictObject({ requests: quantities.optional(), limits: quantities.optional() })
const digest = z.string().regex(/^(sha256:[0-9a-f]{64})?$/)
const tag = z.string().regex(/^[\w.-]{0,128}$/)

const serviceType = z.enum(['ClusterIP', 'NodePort', 'LoadBalancer'])

const role = z.strictObject({
  replicas: z.int().min(1),
  serviceAccount: z.strictObject({ name, annotations: texts }),
  kubeconfigSecret: optionalName,
  resources,
  terminationGracePeriodSeconds: z.int().min(30),
  podDisruptionBudget: z.strictObject({
    enabled: z.boolean(),
    maxUnavailable: z.union([z.int().min(1), z.string().regex(/^[1-9][0-9]?%$/)]),
  }),
  topologySpreadConstraints: objects,
  nodeSelector: texts,
  tolerations: objects,
  affinity: z.record(z.string(), z.unknown()),
  priorityClassName: optionalName,
  podAnnotations: texts,
  podLabels: texts,
})

/** Schema of the chart's values.yaml, except `config`, which is that of retina.yaml or its text. */
const valuesSchema = z.strictObject({
  playbooks: z.record(z.string().regex(/^[a-z0-9][a-z0-9.-]*\.ya?ml$/), z.string().min(1)),
  fullnameOverride: z.string().regex(/^([a-z]([-a-z0-9]{0,38}[a-z0-9])?)?$/),
  image: z.strictObject({ repository: z.string().min(1), tag, digest, pullPolicy }),
  imagePullSecrets: z.array(name),
  admissionPolicy: z.strictObject({ file: z.string(), external: z.boolean() }),
  secrets: z.strictObject({ bot: name, worker: name, terminal: name }),
  // 0 is root. Null, by which Helm removes a value, leaves the user to the platform.
  runAsUser: z.int().min(1).max(4_294_967_294).optional(),
  env: z.record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/), z.string()),
  extraCa: z.strictObject({ configMap: optionalName, key: z.string().regex(/^[\w.-]+$/) }),
  bot: role,
  worker: role,
  terminal: role.extend({ serviceType, ingressAnnotations: texts }),
  targets: z.strictObject({ namespaces: z.array(name), allNamespaces: z.boolean() }),
  people: z.strictObject({ groups: z.array(z.string().min(1)) }),
  debugNamespace: z.strictObject({
    create: z.boolean(),
    quota: z.strictObject({ pods: z.int().min(1) }),
    annotations: texts,
    labels: texts,
  }),
  service: z.strictObject({
    type: serviceType,
    port,
    annotations: texts,
  }),
  ingress: z.strictObject({
    enabled: z.boolean(),
    className: optionalName,
    host: z.string().regex(/^([a-z0-9*]([-a-z0-9.]*[a-z0-9])?)?$/),
    tlsSecret: optionalName,
    annotations: texts,
  }),
  httpRoute: z.strictObject({
    enabled: z.boolean(),
    parentRefs: z.array(
      z.strictObject({
        name,
        namespace: name.optional(),
        sectionName: name.optional(),
        group: z.string().optional(),
        kind: z.string().optional(),
        port: port.optional(),
      }),
    ),
    hostnames: z.array(z.string().regex(/^[a-z0-9*]([-a-z0-9.]*[a-z0-9])?$/)),
    annotations: texts,
  }),
  networkPolicy: z.strictObject({
    enabled: z.boolean(),
    webhooksFrom: objects,
    metricsFrom: objects,
    httpsPorts: z.array(port).min(1),
    redisPorts: z.array(port).min(1),
    extraEgress: objects,
  }),
  redis: z.strictObject({
    embedded: z.boolean(),
    secret: name,
    image: z.strictObject({ repository: z.string().min(1), tag, digest, pullPolicy }),
    program: z.enum(['redis-server', 'valkey-server']),
    maxMemory: z.string().regex(/^[1-9][0-9]*(kb|mb|gb)$/),
    storage: z.strictObject({
      size: z.string().regex(/^([1-9][0-9]*(Ki|Mi|Gi|Ti|k|M|G|T)?)?$/),
      className: optionalName,
    }),
    resources,
  }),
  metrics: z.strictObject({
    serviceMonitor: z.strictObject({
      enabled: z.boolean(),
      interval: z.string().regex(/^[1-9][0-9]*(s|m)$/),
      labels: texts,
    }),
    prometheusRule: z.strictObject({ enabled: z.boolean(), labels: texts, runbookUrl: z.string().min(1) }),
    dashboard: z.strictObject({ enabled: z.boolean(), labels: texts, annotations: texts }),
  }),
  /** Values that a parent chart gives to all its charts; none is used here. */
  global: z.record(z.string(), z.unknown()).optional(),
})

export type JsonSchema = { [key: string]: unknown }

/** Returns the JSON schema of the chart's values. `describe` returns the description of the value at a path. */
export function valuesJsonSchema(describe: (path: readonly string[]) => string | undefined): JsonSchema {
  const { properties, required, ...rest } = toJsonSchema(valuesSchema) as JsonSchema & {
    properties: JsonSchema
    required: string[]
  }
  const described = Object.fromEntries(
    Object.entries(properties).map(([key, schema]) => [key, addDescriptions(schema, [key], describe)]),
  )
  const { $schema: _own, title: _title, ...retina } = withoutNoise(asHelmReads(configJsonSchema())) as JsonSchema
  const description = describe(['config'])
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
  const config = { description, if: { type: 'string' }, then: { minLength: 1 }, else: retina }
  requireWhenEnabled(described['ingress'], { host: { minLength: 1 } })
  requireWhenEnabled(described['httpRoute'], { parentRefs: { minItems: 1 } })
  return {
    ...rest,
    title: 'Values of the chart retina-chatops',
    properties: { config, ...described },
    required: ['config', ...required],
  }
}

function requireWhenEnabled(schema: unknown, properties: JsonSchema): void {
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
  Object.assign(schema as JsonSchema, { if: { properties: { enabled: { const: true } } }, then: { properties } })
}

function toJsonSchema(schema: z.ZodType): JsonSchema {
  return withoutNoise(z.toJSONSchema(schema, { target: 'draft-7', io: 'input' })) as JsonSchema
}

/** Helm reads YAML 1.1, in which the word off is the boolean false, and the key on is the boolean true. */
function asHelmReads(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(asHelmReads)
  if (typeof value !== 'object' || value === null) return value
  const { type, ...schema } = Object.fromEntries(Object.entries(value).map(([key, each]) => [key, asHelmReads(each)]))
  const {
    enum: words,
    properties,
    required,
  } = schema as { enum?: unknown[]; properties?: JsonSchema; required?: string[] }
  if (words?.includes('off') === true) return { ...schema, enum: [...words, false] }
  const on = properties?.['on'] === undefined ? {} : { properties: { ...properties, true: properties['on'] } }
  const needs = on.properties === undefined ? {} : { required: required?.filter((key) => key !== 'on') }
  return { ...(type === undefined ? {} : { type }), ...schema, ...on, ...needs }
}

/** Removes limits that only say that a number is an integer of JavaScript. */
function withoutNoise(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNoise)
  if (typeof value !== 'object' || value === null) return value
  const isNoise = ([key, each]: [string, unknown]) =>
    (key === 'maximum' || key === 'minimum') && Math.abs(Number(each)) === Number.MAX_SAFE_INTEGER
  const entries = Object.entries(value).filter((entry) => !isNoise(entry))
  return Object.fromEntries(entries.map(([key, each]) => [key, withoutNoise(each)]))
}

function addDescriptions(
  schema: unknown,
  path: readonly string[],
  describe: (path: readonly string[]) => string | undefined,
): unknown {
  const { properties, ...rest } = schema as JsonSchema & { properties?: JsonSchema }
  const description = describe(path)
  const inner =
    properties === undefined
      ? {}
      : {
          properties: Object.fromEntries(
            Object.entries(properties).map(([key, each]) => [key, addDescriptions(each, [...path, key], describe)]),
          ),
        }
  return { ...(description === undefined ? {} : { description }), ...rest, ...inner }
}
