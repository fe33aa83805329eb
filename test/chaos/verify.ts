import type { Redis } from 'ioredis'
import type { Run } from '#core/runs/run'
import { delay } from '#core/util/delay'
import { redisAuditLog } from '#src/redis/store/audit-log'
import { debugPods } from '#test/environment/debug-pods'
import { openStore } from '#test/environment/store'
import { inChannels, shown, shownAlone } from '#test/fakes/slack/shown'
import type { SlackMessage } from '#test/fakes/slack/state'
import { sealKey } from '#test/flow/settings'
import type { ChaosEnvironment } from './environment.ts'
import { type SentCommand, tokenIn } from './load.ts'
import { lineOf } from './tool-server.ts'

/** Results of all commands. Each list has what must not happen: it is empty if there was nothing. */
export type Verdict = {
  accepted: number
  refused: number
  unanswered: number
  /** Number of runs by the reason of their end. */
  ends: Record<string, number>
  /** Accepted commands whose result was not delivered. */
  lost: string[]
  /** Commands whose result was delivered more than once. */
  duplicated: string[]
  /** Commands whose tool ran more than once on a target. */
  runTwice: string[]
  /** Runs of refused commands, runs that never ended, and completed runs whose tool did not run. */
  unexpected: string[]
  /** Outputs that differ from what the tool wrote up to where they were cut, or that are cut but marked complete. */
  wrongOutput: string[]
  leftPods: string[]
  /** Mistakes in the audit log: a broken chain, or a run whose start or end isn't recorded exactly once. */
  audit: string[]
  /** Number of messages that were replaced by a second one, as the platform's answer or the bot was lost after the post. */
  secondMessages: number
}

/** Returns everything that must not have happened, one line each; empty if there was nothing. */
export function verdictMistakes(verdict: Verdict): string[] {
  const { lost, duplicated, runTwice, unexpected, wrongOutput, leftPods, audit } = verdict
  const lists = { lost, duplicated, runTwice, unexpected, wrongOutput, leftPods, audit }
  return Object.entries(lists).flatMap(([name, list]) => list.map((each) => `${name}: ${each}`))
}

/** Time limit in seconds for all runs to end after the last fault. */
const endTimeoutSeconds = 240

/** Waits until all runs have ended, and checks everything. */
export async function verify(context: ChaosEnvironment, commands: readonly SentCommand[]): Promise<Verdict> {
  const runs = await waitForEnds(context, commands)
  const store = openStore(context.redis.connection)
  const verdict: Verdict = {
    accepted: commands.filter(({ response }) => response === 'accepted').length,
    refused: commands.filter(({ response }) => response === 'refused').length,
    unanswered: commands.filter(({ response }) => response === 'unanswered').length,
    ends: {},
    ...{ lost: [], duplicated: [], runTwice: [], unexpected: [], wrongOutput: [], leftPods: [], audit: [] },
    secondMessages: 0,
  }
  for (const { end } of [...runs.values()].flat()) {
    const reason = end?.reason ?? 'not ended'
    verdict.ends[reason] = (verdict.ends[reason] ?? 0) + 1
  }
  for (const one of commands) {
    const own = runs.get(one.token) ?? []
    checkCommand(verdict, context, one, own)
    for (const run of own) {
      const mistake = outputMistake(one, run, (await store.transcript(run.id, 10_000_000)) ?? '')
      if (mistake !== undefined) verdict.wrongOutput.push(`${one.token} (${run.id}): ${mistake}`)
    }
  }
  verdict.leftPods = await podsLeft(context)
  verdict.audit = await auditMistakes(context.redis.connection, [...runs.values()].flat())
  return verdict
}

/** Matches a message of a command that has not ended. */
const inProgress = /\b(Queued|Starting|Running|Running for [^:\n]+|Needs approval|\d+ of \d+ done): /
/** Matches the output of a tool that has not ended. */
const liveOutput = /\brunning for /

/** Adds to the verdict what is wrong about one command. */
function checkCommand(
  verdict: Verdict,
  context: ChaosEnvironment,
  { token, response }: SentCommand,
  runs: readonly Run[],
): void {
  // The root alone tells how a command ended; its thread is checked below.
  const roots = inChannels(context.slack.state.messages).filter((message) => shown(message).includes(token))
  const texts = roots.map(shownAlone)
  const endedRoots = roots.filter((root) => !inProgress.test(shownAlone(root)))
  const ended = endedRoots.map(shownAlone)
  const hits = context.tools.hits(token)
  if (hits.some((times) => times > 1)) verdict.runTwice.push(`${token}: ${hits} times`)
  if (response === 'refused' && (hits.length > 0 || runs.length > 0))
    verdict.unexpected.push(`${token}: refused, but run`)
  for (const { id, state, end } of runs)
    if (end === undefined) verdict.unexpected.push(`${token}: run ${id} is ${state}`)
  // A tool that completed must have sent a request to the tool server.
  const completed = runs.filter(({ end }) => end?.reason === 'completed').length
  if (completed > hits.length)
    verdict.unexpected.push(`${token}: completed ${completed} times, but run ${hits.length} times`)
  const isRepeated = isRepeatedRefusal(ended, hits.length > 0 || runs.length > 0)
  if (ended.length > 1 && !isRepeated) verdict.duplicated.push(`${token}: ${ended.join(' AND ')}`)
  const isExpected = response === 'accepted' || (response === 'unanswered' && runs.length > 0)
  if (isExpected && ended.length === 0)
    verdict.lost.push(`${token}: ${runs.map(({ id, end }) => `run ${id} ${end?.reason}`)}; ${texts.join(' AND ')}`)
  if (ended.length > 0) verdict.secondMessages += texts.length - (isRepeated ? 1 : ended.length)
  for (const root of endedRoots) checkThread(verdict, token, root, runs)
}

/**
 * Returns true where the final messages of a command say the same and nothing was run: a bot posted a refusal, and died
 * before it saved which message that is, so the next one posted it again. It is a second message, not a second result.
 */
export function isRepeatedRefusal(ended: readonly string[], wasRun: boolean): boolean {
  const [first] = ended
  return !wasRun && first !== undefined && ended.length > 1 && ended.every((text) => text === first)
}

/** Adds to the verdict what is wrong about the thread of a command that has ended. */
function checkThread(verdict: Verdict, token: string, { replies }: SlackMessage, runs: readonly Run[]): void {
  // A message about a decision begins with a symbol, an output with its command.
  const outputs = replies.map(shownAlone).filter((text) => !text.startsWith(':'))
  // An output that was posted by a worker that died before it stored which message that is.
  verdict.secondMessages += Math.max(0, outputs.length - 1)
  const hasOutput = runs.some(({ threaded, startedAt, fanOut }) => threaded && startedAt && fanOut === undefined)
  if (hasOutput && outputs.every((text) => liveOutput.test(text)))
    verdict.lost.push(`${token}: its thread has no output that is final: ${outputs.join(' AND ')}`)
}

/** Returns what is wrong with an output: its lines must be the tool's first ones, and all of them if it is marked complete. */
function outputMistake({ token, lines }: SentCommand, { end }: Run, text: string): string | undefined {
  const all = text.split('\n').filter((line) => line.startsWith(`${token} line`))
  const wrong = all.findIndex((line, at) => line !== lineOf(token, at + 1) && at < all.length - 1)
  if (wrong !== -1) return `line ${wrong + 1} is "${all[wrong]}"`
  if (end?.reason === 'completed' && end.complete && all.length !== lines)
    return `${all.length} of ${lines} lines, but marked complete`
  return undefined
}

/** Waits until no run is open; resolves with the runs by the tokens of their commands. */
async function waitForEnds(context: ChaosEnvironment, commands: readonly SentCommand[]): Promise<Map<string, Run[]>> {
  const store = openStore(context.redis.connection)
  for (const until = Date.now() + endTimeoutSeconds * 1_000; ; await delay(context.pace.restIntervalMs)) {
    const runs = await allRuns(context.redis.connection, commands)
    const delivered = [...runs.values()].flat().every(({ toldAt }) => toldAt !== undefined)
    const answered = commands.every(
      (one) => one.response !== 'accepted' || runs.has(one.token) || isAnswered(context, one),
    )
    // A fan-out's result may come up to a minute after its last run: until then, a worker that was killed while it delivered it has the lease.
    const open = (await store.openRuns()).length + (await store.fields('open-fan-outs', 'all')).size
    if ((delivered && answered && open === 0) || Date.now() > until) return runs
  }
}

function isAnswered(context: ChaosEnvironment, { token }: SentCommand): boolean {
  return context.slack.state.messages.some((message) => shown(message).includes(token))
}

/** Resolves with all runs of the commands, by the tokens of their commands. */
export async function allRuns(redis: Redis, commands: readonly SentCommand[]): Promise<Map<string, Run[]>> {
  const tokens = new Set(commands.map(({ token }) => token))
  const keys = await redis.keys('retina:run:*')
  const store = openStore(redis)
  const stored = await Promise.all(keys.map((key) => store.run(key.slice('retina:run:'.length))))
  const runs = new Map<string, Run[]>()
  for (const run of stored) {
    if (run === undefined) continue
    const token = tokenIn(run.request.typed.text)
    if (token !== undefined && tokens.has(token)) runs.set(token, [...(runs.get(token) ?? []), run])
  }
  return runs
}

async function podsLeft({ cluster, pace }: ChaosEnvironment): Promise<string[]> {
  for (const until = Date.now() + 120_000; ; await delay(pace.restIntervalMs)) {
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
    ...twice.map(([key, times]) => `${key} is recorded ${times} times`),
    ...missing.map(({ id, end }) => `${id} ended as ${end?.reason}, which is not recorded`),
  ]
}
