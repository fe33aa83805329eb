import type { Redis } from 'ioredis'
import { openFanOutsKey } from '#core/fan-out/fan-out'
import type { Run } from '#core/runs/run'
import { redisAuditLog } from '#src/redis/store/audit-log'
import { redisRunStore } from '#src/redis/store/run-store'
import { debugPods } from '#test/environment/debug-pods'
import { shown } from '#test/fakes/slack/shown'
import { sealKey } from '#test/flow/settings'
import type { ChaosEnvironment } from './environment.ts'
import { pause } from './fleet.ts'
import { type SentCommand, tokenIn } from './load.ts'
import { lineOf } from './tool-server.ts'

/** What became of all commands. Each list holds what must not be: it is empty where all went well. */
export type Verdict = {
  accepted: number
  refused: number
  unanswered: number
  /** How many runs ended for which reason. */
  ends: Record<string, number>
  /** Commands that were accepted and are not told the end of. */
  lost: string[]
  /** Commands whose end is told more than once, or whose message still says that they run. */
  doubled: string[]
  /** Tools that were run more than once. */
  runTwice: string[]
  /** Runs of commands that were refused, or that never ended. */
  strange: string[]
  /** Outputs that aren't what the tool wrote, up to where they were cut, or that are cut and don't say so. */
  wrongOutput: string[]
  leftPods: string[]
  /** Whether the audit log is whole, and each run's start and its ending stand in it once. */
  audit: string[]
  /** Messages of a post whose answer, or whose bot, was lost: the command was told in a second one. */
  secondMessages: number
}

/** Seconds for everything to come to rest once nothing goes wrong any more. */
const patience = 240

/** Waits until all has come to rest, and looks at everything. */
export async function verify(context: ChaosEnvironment, asked: readonly SentCommand[]): Promise<Verdict> {
  const runs = await atRest(context, asked)
  const store = redisRunStore(context.redis.connection)
  const verdict: Verdict = {
    accepted: asked.filter(({ fate }) => fate === 'accepted').length,
    refused: asked.filter(({ fate }) => fate === 'refused').length,
    unanswered: asked.filter(({ fate }) => fate === 'unanswered').length,
    ends: {},
    ...{ lost: [], doubled: [], runTwice: [], strange: [], wrongOutput: [], leftPods: [], audit: [] },
    secondMessages: 0,
  }
  for (const { end } of [...runs.values()].flat()) {
    const reason = end?.reason ?? 'not ended'
    verdict.ends[reason] = (verdict.ends[reason] ?? 0) + 1
  }
  for (const one of asked) {
    const own = runs.get(one.token) ?? []
    judge(verdict, context, one, own)
    for (const run of own) {
      const wrong = whatIsWrong(one, run, (await store.transcript(run.id, 10_000_000)) ?? '')
      if (wrong !== undefined) verdict.wrongOutput.push(`${one.token} (${run.id}): ${wrong}`)
    }
  }
  verdict.leftPods = await podsLeft(context)
  verdict.audit = await auditMistakes(context.redis.connection, [...runs.values()].flat())
  return verdict
}

/** A message that says that something is still to come. */
const underWay = /\b(Queued|Starting|Running for [^:\n]+|Needs approval|\d+ of \d+ done): /

function judge(verdict: Verdict, context: ChaosEnvironment, { token, fate }: SentCommand, runs: readonly Run[]): void {
  const texts = context.slack.state.messages.map(shown).filter((text) => text.includes(token))
  const ended = texts.filter((text) => !underWay.test(text))
  const hits = context.tools.hits(token)
  if (hits.some((times) => times > 1)) verdict.runTwice.push(`${token}: ${hits} times`)
  if (fate === 'refused' && (hits.length > 0 || runs.length > 0)) verdict.strange.push(`${token}: refused, and run`)
  for (const { id, state, end } of runs) if (end === undefined) verdict.strange.push(`${token}: run ${id} is ${state}`)
  // A tool that ran to its end must have been seen by what it asked.
  const completed = runs.filter(({ end }) => end?.reason === 'completed').length
  if (completed > hits.length)
    verdict.strange.push(`${token}: completed ${completed} times, and run ${hits.length} times`)
  if (ended.length > 1) verdict.doubled.push(`${token}: ${ended.join(' AND ')}`)
  const owed = fate === 'accepted' || (fate === 'unanswered' && runs.length > 0)
  if (owed && ended.length === 0)
    verdict.lost.push(`${token}: ${runs.map(({ id, end }) => `run ${id} ${end?.reason}`)}; ${texts.join(' AND ')}`)
  if (ended.length > 0) verdict.secondMessages += texts.length - ended.length
}

/** Why an output isn't right: its lines must be the tool's first ones, all of them where it says that it is complete. */
function whatIsWrong({ token, lines }: SentCommand, { end }: Run, text: string): string | undefined {
  const all = text.split('\n').filter((line) => line.startsWith(`${token} line`))
  const wrong = all.findIndex((line, at) => line !== lineOf(token, at + 1) && at < all.length - 1)
  if (wrong !== -1) return `line ${wrong + 1} is "${all[wrong]}"`
  if (end?.reason === 'completed' && end.complete && all.length !== lines)
    return `${all.length} of ${lines} lines, and called complete`
  return undefined
}

/** Runs by their token, once none of them is open any more. */
async function atRest(context: ChaosEnvironment, asked: readonly SentCommand[]): Promise<Map<string, Run[]>> {
  const store = redisRunStore(context.redis.connection)
  for (const until = Date.now() + patience * 1_000; ; await pause(context.pace.restIntervalMs)) {
    const runs = await allRuns(context.redis.connection, asked)
    const told = [...runs.values()].flat().every(({ toldAt }) => toldAt !== undefined)
    const answered = asked.every((one) => one.fate !== 'accepted' || runs.has(one.token) || isAnswered(context, one))
    // A fan-out's message may come up to a minute after its last run: a worker that was killed over it still holds it.
    const open = (await store.openRuns()).length + (await store.fields(openFanOutsKey)).size
    if ((told && answered && open === 0) || Date.now() > until) return runs
  }
}

function isAnswered(context: ChaosEnvironment, { token }: SentCommand): boolean {
  return context.slack.state.messages.some((message) => shown(message).includes(token))
}

async function allRuns(redis: Redis, asked: readonly SentCommand[]): Promise<Map<string, Run[]>> {
  const tokens = new Set(asked.map(({ token }) => token))
  const keys = await redis.keys('retina:run:*')
  const texts = keys.length === 0 ? [] : await redis.mget(keys)
  const runs = new Map<string, Run[]>()
  for (const text of texts) {
    if (text === null) continue
    const run = JSON.parse(text) as Run
    const token = tokenIn(run.request.typed.text)
    if (token !== undefined && tokens.has(token)) runs.set(token, [...(runs.get(token) ?? []), run])
  }
  return runs
}

async function podsLeft({ cluster, pace }: ChaosEnvironment): Promise<string[]> {
  for (const until = Date.now() + 120_000; ; await pause(pace.restIntervalMs)) {
    const left = await debugPods(cluster)
    if (left.length === 0 || Date.now() > until) return left
  }
}

async function auditMistakes(redis: Redis, runs: readonly Run[]): Promise<string[]> {
  const audit = redisAuditLog(redis, sealKey)
  const verified = await audit.verify()
  const records = new Map<string, number>()
  for await (const { record } of audit.read()) {
    const key = `${record.run} ${record.what}`
    records.set(key, (records.get(key) ?? 0) + 1)
  }
  const twice = [...records].filter(([key, times]) => times > 1 && / (started|ended)$/.test(key))
  const missing = runs.filter(({ id, end }) => end !== undefined && !records.has(`${id} ended`))
  return [
    ...('mistake' in verified ? [verified.mistake] : []),
    ...twice.map(([key, times]) => `${key} stands in it ${times} times`),
    ...missing.map(({ id, end }) => `${id} ended as ${end?.reason} and that stands nowhere`),
  ]
}
