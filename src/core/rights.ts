import { hasEnded, isFor } from './decide.ts'
import type { Instant } from './instant.ts'
import type { Policy, TargetPattern } from './policy.ts'
import type { Principal } from './request.ts'
import { labelsText, type ObjectPattern } from './selector.ts'

/** One set that a person has, in words. */
export type Right = { set: string; tools: string; targets: string; channels: string; until: string }

/** What a person may do at the moment. */
export function rightsOf(by: Principal, policy: Policy, now: Instant): readonly Right[] {
  return policy.grants
    .filter((grant) => isFor(grant, by) && !hasEnded(grant, now))
    .flatMap((grant) =>
      grant.sets.map((name) => {
        const set = policy.sets.find((each) => each.name === name)
        return {
          set: set?.approval === undefined ? name : `${name} (after approval)`,
          tools: set?.tools.join(', ') ?? '',
          targets: grant.on.map(patternText).join('; '),
          channels: grant.in?.join(', ') ?? 'everywhere',
          until: grant.until ?? '',
        }
      }),
    )
}

function patternText(pattern: TargetPattern): string {
  const what =
    pattern.kind === 'node'
      ? `nodes ${objectText(pattern.nodes)}`
      : `namespaces ${objectText(pattern.namespaces)}${pattern.pods === undefined ? '' : `, pods ${objectText(pattern.pods)}`}`
  return `${pattern.cluster}: ${what}`
}

function objectText(pattern: ObjectPattern): string {
  return 'names' in pattern ? pattern.names.join(', ') : labelsText(pattern.labels)
}
