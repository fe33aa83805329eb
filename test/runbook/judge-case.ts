import { shellQuote } from '#core/util/quote'
import { knownNames } from '#src/app/policy-file'
import { askerOf, evaluate } from '#src/cli/decide-by-policy'
import { starterChats } from '#src/cli/starter-chats'
import { starterFiles } from '#src/cli/starter-files'
import { type Config, parseConfig } from '#src/config/load'
import type { LineCase } from './line-case.ts'

const lead = 'lead@example.org'

/** Returns the configuration that `init` writes. */
function starterConfig(): Config {
  const files = starterFiles({
    clusters: [{ name: 'dev' }],
    chats: starterChats(new Map([['slack', 'socket']]), undefined),
    leads: [lead, 'other@example.org'],
    operators: ['operator@example.org'],
    shellImage: 'example.org/shell:v1',
    programImage: 'example.org/program:v1',
    embeddedRedis: false,
  })
  const loaded = parseConfig(files.get('retina.yaml') ?? '', {}, knownNames())
  if ('mistakes' in loaded) throw new Error(JSON.stringify(loaded.mistakes))
  return loaded.config
}

const config = starterConfig()
const asker = askerOf({ as: lead, groups: [], channel: undefined, platform: undefined, labels: undefined }, config)
const targets = { node: 'node001', pod: '-n shop pod/web-1' }
const at = new Date('2026-11-24T10:00:00Z')

/** What came of a line. `runs`: the first stage's argv, as text; `words`: everything that is said. */
type Outcome = { is: LineCase['expect']; runs: string; suggestion?: string; words: string }

function judge(command: string): Outcome {
  const result = evaluate(config, [command], asker, at)
  if ('verb' in result) {
    const { message, suggestion } = result
    const suggested = suggestion === undefined ? {} : { suggestion }
    return { is: 'answer', runs: '', ...suggested, words: `${message} ${suggestion ?? ''}` }
  }
  const { decision, planned } = result
  const runs = (planned.pipeline[0]?.argv ?? []).map(shellQuote).join(' ')
  if (decision.effect === 'deny') return { is: 'refused', runs, words: decision.message }
  return { is: decision.effect === 'ask' ? 'asks' : 'works', runs, words: planned.added.join('; ') }
}

/** Returns what is wrong with the outcome of a case; undefined where it is as expected. */
export function findFault({ target, line, expect, suggests, flag, says, runs }: LineCase): string | undefined {
  const outcome = judge(`shell ${targets[target]} ${line}`)
  const got = `${outcome.is}: ${outcome.words}`
  if (outcome.is !== expect) return got
  if (runs !== undefined && outcome.runs !== runs) return `runs: ${outcome.runs}`
  if (says !== undefined && !outcome.words.toLowerCase().includes(says.toLowerCase())) return got
  if (suggests === undefined) return undefined
  const wanted = `shell ${flag === undefined ? '' : `${flag} `}${targets[target]} ${suggests}`
  if (outcome.suggestion !== wanted) return got
  const next = judge(wanted)
  return next.is === 'answer' ? `its suggestion is not understood: ${next.words}` : undefined
}
