import { type ChildProcess, fork } from 'node:child_process'
import { join } from 'node:path'
import { afterAll, beforeAll } from '@jest/globals'
import { compiled } from '#test/cli/run-cli'
import { slackPeople } from '#test/fakes/slack/send'
import { appToken, botToken, signingSecret } from '#test/fakes/slack/state'
import { type App, atEnd } from './app.ts'
import type { Orders } from './killable-process.ts'
import { sealKey } from './settings.ts'

/** Where the process is killed: `before:` or `after:`, and the name of a span. */
export type Deadly = `${'before' | 'after'}:${string}`

type Killable = Awaited<ReturnType<typeof startIn>>

/** Number of processes that are loaded in advance. */
const ahead = 2

const secrets = {
  SLACK_BOT_TOKEN: botToken,
  SLACK_SIGNING_SECRET: signingSecret,
  SLACK_APP_TOKEN: appToken,
  RETINA_SEAL_KEY: sealKey,
}

/**
 * Starts bots and workers in processes of their own, for the tests of one file, which need `total` of them. Each works
 * beside the program of a flow, on the same Redis and the same Slack, and kills itself at a step.
 */
export function useKillables(total: number) {
  const spare: ReturnType<typeof load>[] = []
  let loaded = 0
  const loadAhead = () => {
    for (; loaded < total && spare.length < ahead; loaded++) spare.push(load())
  }
  beforeAll(loadAhead)
  afterAll(() => {
    for (const { child } of spare.splice(0)) child.kill('SIGKILL')
  })
  return async (flow: App, redis: string, kill: Deadly, role: Orders['role'] = 'bot'): Promise<Killable> => {
    const one = spare.shift() ?? load()
    loadAhead()
    // Its lease expires sooner than those of the program that takes its work over.
    const timing = { ...flow.timing, commandLeaseMs: 2_500, policyIntervalMs: 60_000 }
    return startIn(one, flow, { file: flow.file, redis, role, kill, timing })
  }
}

function load() {
  const child = fork(join(import.meta.dirname, 'killable-process.ts'), {
    ...{ execArgv: [], env: { ...process.env, ...compiled, ...secrets } },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  let stderr = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  return { child, ended: signalOf(child), stderr: () => stderr }
}

function signalOf(child: ChildProcess): Promise<NodeJS.Signals | null> {
  return new Promise((resolve) => child.once('exit', (_code, signal) => resolve(signal)))
}

/** Starts the program in a process that has loaded its code. */
async function startIn({ child, ended, stderr }: ReturnType<typeof load>, flow: App, orders: Orders) {
  atEnd(async () => void child.kill('SIGKILL'))
  const started = new Promise<number>((resolve) => {
    child.once('message', (message) => resolve((message as { port: number }).port))
  })
  child.send(orders)
  const port = await Promise.race([started, ended])
  if (typeof port !== 'number') throw new Error(`the program did not start:\n${stderr()}`)
  return {
    // Tests care about whether its first command is acknowledged, not how fast.
    people: slackPeople(flow.slack, () => `http://127.0.0.1:${port}/slack/events`, 30),
    /** Resolves when it has killed itself; rejects if it doesn't in time or ends in another way. */
    async dead() {
      let timer: NodeJS.Timeout | undefined
      const late = new Promise<'late'>((resolve) => {
        timer = setTimeout(resolve, 30_000, 'late')
      })
      const signal = await Promise.race([ended, late]).finally(() => clearTimeout(timer))
      if (signal !== 'SIGKILL') throw new Error(`not killed ${orders.kill} (${signal}):\n${stderr()}`)
    },
  }
}

/** Returns whether a command was acknowledged before the bot died. */
export function acknowledged(asking: Promise<{ status: number }>): Promise<boolean> {
  return asking.then(
    ({ status }) => status === 200,
    () => false,
  )
}
