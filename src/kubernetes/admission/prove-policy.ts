import { memoize } from '#core/util/memoize'
import { apiProblem, describeError } from '#src/kubernetes/api/api-error'
import type { Connection } from '#src/kubernetes/api/connection'
import { debugContainerName, podName } from '#src/kubernetes/workload/pod-spec'
import { messagePrefix } from './cel.ts'
import { accountProof, proofRunId } from './pod-rules.ts'

const seeManual = 'see deploy/kubernetes/README.md, "What the API server refuses"'

/** Milliseconds for which a proof is reused: readiness is asked by anybody, and often. */
const proofCacheMs = 60_000

/** What is wrong: no policy is in force, it was made for other accounts, or the API server's answer says neither. */
type ProofProblem = 'no-policy' | 'unknown-account' | 'undetermined'

/** Reason why no admission policy is proven to be in force for an account: one sentence for people, without its full stop. */
export class PolicyNotProven extends Error {
  readonly problem: ProofProblem

  constructor(problem: ProofProblem, message: string) {
    super(message)
    this.problem = problem
  }
}

/** Returns `provePolicy` for a connection, by namespace, with a cache of its successes. */
export function policyProof(connection: Connection): (namespace: string) => Promise<void> {
  return memoize(
    (namespace) => provePolicy(connection, namespace),
    () => performance.now(),
    proofCacheMs,
  )
}

/**
 * Proves that the API server enforces the admission policy on this account: by a dry run of a pod that the policy
 * refuses, with its own words for accounts that it knows. Rejects with `PolicyNotProven`.
 */
async function provePolicy({ core }: Connection, namespace: string): Promise<void> {
  const body = {
    metadata: { name: podName(proofRunId), namespace },
    spec: { containers: [{ name: debugContainerName, image: 'policy-proof' }] },
  }
  const problem = await core
    .createNamespacedPod({ namespace, body, dryRun: 'All' })
    .then(
      () =>
        new PolicyNotProven(
          'no-policy',
          `no admission policy is in force: this account can make any pod in ${namespace}; ${seeManual}`,
        ),
      explainRefusal,
    )
  if (problem !== undefined) throw problem
}

function explainRefusal(error: unknown): PolicyNotProven | undefined {
  const { message = '' } = apiProblem(error) ?? {}
  if (message.includes(accountProof)) return undefined
  if (message.includes(messagePrefix)) {
    const why = `the admission policy doesn't know this account: make it with --account; ${seeManual}`
    return new PolicyNotProven('unknown-account', why)
  }
  const why = `it can't be told whether an admission policy is in force: ${describeError(error)}`
  return new PolicyNotProven('undetermined', why)
}
