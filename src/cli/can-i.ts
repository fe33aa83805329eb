import { formatNeeds } from '#core/messages/format-needs'
import type { Decision } from '#core/policy/policy'
import { configuredImage, imageText } from '#core/request/image'
import { targetText } from '#core/request/target'
import { formatPipeline } from '#core/util/quote'
import { UserError } from '#src/app/user-error'
import { askerOf, type Evaluated, evaluate } from './decide-by-policy.ts'
import { configFile, isJsonOutput, loadOrExit, readOptions } from './subcommand-options.ts'

const exitCodes = { allow: 0, ask: 3, deny: 4 } satisfies Record<Decision['effect'], number>
const misunderstoodCode = 2

const options = {
  config: { type: 'string' },
  as: { type: 'string' },
  group: { type: 'string', multiple: true },
  in: { type: 'string' },
  platform: { type: 'string' },
  'node-labels': { type: 'string' },
  output: { type: 'string', short: 'o' },
} as const

/**
 * `can-i`: prints the policy's decision on a command, as text or JSON; the exit code shows it too. Runs nothing and
 * contacts no other system.
 */
export async function canI(argv: readonly string[]): Promise<number> {
  const { values, words: command } = readOptions(argv, options)
  if (values.as === undefined) throw new UserError('bad-usage', 'Name the person: --as carol@example.com.')
  if (command.length === 0)
    throw new UserError('bad-usage', 'Give the command after "--": -- shell node001 iptables -nvL')
  const isJson = isJsonOutput(values.output)
  const config = loadOrExit(configFile(values.config))
  const { as, group = [], in: channel, platform, 'node-labels': labels } = values
  const judged = evaluate(
    config,
    command,
    askerOf({ as, groups: group, channel, platform, labels }, config),
    new Date(),
  )
  if ('verb' in judged) {
    const { code, message, suggestion } = judged
    const near = suggestion === undefined ? '' : `\nDid you mean this? ${suggestion}`
    if (isJson) console.log(JSON.stringify({ effect: 'misunderstood', code, message }))
    else console.log(`misunderstood (${code}): ${message}${near}`)
    return misunderstoodCode
  }
  // Contacts no registry: the digest is shown where the owner's file has it.
  const image = judged.planned.image ?? configuredImage(config.shell.image)
  console.log(isJson ? JSON.stringify(toJson(judged, image)) : toText(judged, image))
  return exitCodes[judged.decision.effect]
}

function toJson({ decision, planned }: Evaluated, image: string) {
  const { needs, pipeline } = planned
  const argv = pipeline.map((stage) => stage.given)
  if (decision.effect === 'deny') {
    const { effect, reason, message, wouldNeed } = decision
    return { effect, reason, message, wouldNeed, needs, argv }
  }
  const { effect, set, grant } = decision
  return { effect, set, grant, reason: `granted by ${grant}`, needs, argv, image }
}

/** A pod's specification isn't in the owner's file. */
const podAssumption = 'assumes: a pod without hostNetwork, hostPID and hostIPC, which needs a grant on its node too'

function toText({ decision, planned, target }: Evaluated, image: string): string {
  const verdict =
    decision.effect === 'deny'
      ? `deny (${decision.reason}): ${decision.message}`
      : `${decision.effect}: set ${decision.set}, by ${decision.grant}`
  const cover =
    decision.effect === 'deny' && decision.wouldNeed.length > 0
      ? [`would be covered by: ${decision.wouldNeed.join(', ')}`]
      : []
  return [
    verdict,
    ...cover,
    `target: ${targetText(target)} (cluster ${target.cluster})`,
    `runs:   ${formatPipeline(planned.pipeline.map((stage) => stage.argv))}`,
    `needs:  ${formatNeeds(planned.needs)}`,
    `image:  ${imageText(image)}`,
    ...(target.kind === 'pod' ? [podAssumption] : []),
    ...planned.added.map((each) => `added:  ${each}`),
  ].join('\n')
}
