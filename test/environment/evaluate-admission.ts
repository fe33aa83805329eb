import type { V1Pod } from '@kubernetes/client-node'
import { Environment } from '@marcbachmann/cel-js'
import { parseQuantity } from '#core/runs/check-pod-settings'

type Policy = {
  kind: string
  metadata: { name: string }
  spec: {
    matchConditions: { expression: string }[]
    variables?: { name: string; expression: string }[]
    validations: { expression: string; message: string }[]
  }
}

/** A request as admission policies see it. */
type AdmissionRequest = { object: object; oldObject?: object; request: object }

/** A quantity of Kubernetes, as CEL's library of Kubernetes has it. */
class Quantity {
  readonly value: number
  constructor(text: string) {
    const value = parseQuantity(text.replace(/^-/, ''))
    if (value === undefined) throw new Error(`"${text}" is no quantity`)
    this.value = text.startsWith('-') ? -value : value
  }
  compareTo(other: Quantity): bigint {
    return BigInt(Math.sign(this.value - other.value))
  }
}

const celEnvironment = new Environment({ enableOptionalTypes: true, unlistedVariablesAreDyn: true })
  .registerType('Quantity', Quantity)
  .registerFunction('quantity(string): Quantity', (text: string) => new Quantity(text))
  .registerFunction('Quantity.compareTo(Quantity): int', (one: Quantity, other: Quantity) => one.compareTo(other))

/**
 * Returns the messages with which policies refuse a request; none where they accept it. Evaluates CEL in this process, in place of an API server:
 * the tests of the cluster do the same with a real one.
 */
export function refusalsOf(objects: readonly object[], name: string, given: AdmissionRequest): string[] {
  const policy = objects.find(
    (each) => (each as Policy).kind === 'ValidatingAdmissionPolicy' && (each as Policy).metadata.name === name,
  ) as Policy | undefined
  if (policy === undefined) throw new Error(`there is no policy ${name}`)
  const { matchConditions, variables = [], validations } = policy.spec
  const context: Record<string, unknown> = toCel(given) as Record<string, unknown>
  if (!matchConditions.every(({ expression }) => holds(expression, context))) return []
  const values: Record<string, unknown> = {}
  for (const variable of variables)
    values[variable.name] = evaluate(variable.expression, { ...context, variables: values })
  return validations
    .filter(({ expression }) => !holds(expression, { ...context, variables: values }))
    .map(({ message }) => message)
}

const parsed = new Map<string, ReturnType<typeof celEnvironment.parse>>()

function evaluate(expression: string, context: Record<string, unknown>): unknown {
  const run = parsed.get(expression) ?? celEnvironment.parse(expression)
  parsed.set(expression, run)
  return run(context)
}

/** An expression that reads a key that isn't there refuses, as with `failurePolicy: Fail`. */
function holds(expression: string, context: Record<string, unknown>): boolean {
  try {
    return evaluate(expression, context) === true
  } catch (error) {
    if (error instanceof Error && error.message.startsWith('No such key')) return false
    throw error
  }
}

/** Returns a JSON value as CEL reads it: whole numbers are integers. */
function toCel(value: unknown): unknown {
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : value
  // `structuredClone` makes lists of another realm in Jest, which the library doesn't know.
  if (Array.isArray(value)) return Array.from(value, toCel)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).filter(([, each]) => each !== undefined)
  return Object.fromEntries(entries.map(([key, each]) => [key, toCel(each)]))
}

/** Fills in what the API server fills in before a policy is asked. */
export function withServerDefaults(pod: V1Pod): V1Pod {
  const { spec } = pod
  if (spec === undefined) return pod
  return {
    ...pod,
    metadata: { creationTimestamp: new Date(0), ...pod.metadata, generation: 1 },
    spec: {
      ...{ dnsPolicy: 'ClusterFirst', restartPolicy: 'Always', terminationGracePeriodSeconds: 30 },
      ...{ schedulerName: 'default-scheduler', securityContext: {}, enableServiceLinks: true },
      ...{
        serviceAccountName: 'default',
        serviceAccount: 'default',
        priority: 0,
        preemptionPolicy: 'PreemptLowerPriority',
      },
      ...withoutUndefined(spec),
      containers: spec.containers.map(({ resources = {}, ...container }) => ({
        ...{
          terminationMessagePath: '/dev/termination-log',
          terminationMessagePolicy: 'File',
          imagePullPolicy: 'IfNotPresent',
        },
        ...withoutUndefined(container),
        // Requests default to limits.
        resources: {
          ...resources,
          ...(resources.limits === undefined ? {} : { requests: { ...resources.limits, ...resources.requests } }),
        },
      })),
    },
  } as V1Pod
}

function withoutUndefined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as T
}
