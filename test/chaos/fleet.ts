import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { delay } from '#core/util/delay'
import { compiled } from '#test/cli/run-cli'
import type { FaultOrder, KillPoint } from './program.ts'
import type { Random } from './random.ts'

/** A checkout of the program, with a configuration that it can read. */
export type ProgramVersion = {
  /** Root folder of the checkout. */
  root: string
  /** Path of `retina.yaml`. */
  config: string
}

export type Role = 'bot' | 'worker'
const roles: readonly Role[] = ['bot', 'worker']

export type Member = {
  name: string
  role: Role
  child: ChildProcess
  /** Port of its webhooks; undefined until it has started. */
  port: number | undefined
  exited: Promise<void>
}

/** Several bots and workers on one Redis, each a separate process that is restarted when it dies. */
export type Fleet = {
  members: (role: Role) => readonly Member[]
  /** Resolves with a started bot; waits for one if there is none. */
  bot: (random: Random) => Promise<Member>
  /**
   * Kills the first process of the role that reaches this point, also one that starts meanwhile. Resolves true when one was killed, and
   * false if none reached the point in time.
   */
  killAt: (role: Role, killPoint: KillPoint, timeoutMs: number) => Promise<boolean>
  send: (member: Member, order: FaultOrder) => void
  /**
   * Restarts all processes, one of each role at a time: stops it by SIGTERM while its successor starts. Resolves when all have started.
   * `version`: what is started from now on; default: what runs.
   */
  restartAll: (version?: ProgramVersion) => Promise<void>
  /** Resolves when all processes have started. */
  ready: () => Promise<void>
  close: () => Promise<void>
}

export type FleetOptions = {
  version: ProgramVersion
  env: Record<string, string>
  bots: number
  workers: number
  /** Folder for the logs of the processes. */
  folder: string
}

/** Starts the processes; resolves when all have started. */
export async function openFleet(options: FleetOptions): Promise<Fleet> {
  const members = new Map<string, Member>()
  /** All processes that have not exited, including those that are stopping. */
  const running = new Set<Member>()
  const armed = new Map<Role, { killPoint: KillPoint; died: () => void }>()
  let closing = false
  let version = options.version
  const startMember = (name: string, role: Role): Member => {
    const log = openSync(join(options.folder, `${name}.log`), 'a')
    const program = join(version.root, 'test/chaos/program.ts')
    const child = spawn(process.execPath, [program, '--config', version.config, '--role', role], {
      env: { ...process.env, ...compiled, ...options.env },
      stdio: ['ignore', log, log, 'ipc'],
    })
    closeSync(log)
    const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
    const member: Member = { name, role, child, port: undefined, exited }
    child.on('error', () => undefined)
    child.on('message', (message: { port: number }) => {
      member.port = message.port
      const fault = armed.get(role)
      if (fault !== undefined) send(member, { killPoint: fault.killPoint })
    })
    void exited.then(() => {
      running.delete(member)
      armed.get(role)?.died()
      if (!closing && members.get(name) === member) startMember(name, role)
    })
    members.set(name, member)
    running.add(member)
    return member
  }

  const all = (role: Role) => [...members.values()].filter((each) => each.role === role)
  const send = (member: Member, order: FaultOrder) => {
    // A process that is dying may have closed its channel.
    if (member.child.connected) member.child.send(order, () => undefined)
  }
  const waitUntilStarted = async (list: () => readonly Member[]) => {
    for (const until = Date.now() + 60_000; Date.now() < until; await delay(10)) {
      if (list().every(({ port }) => port !== undefined)) return
    }
    throw new Error(`did not start: ${list().flatMap(({ name, port }) => (port === undefined ? [name] : []))}`)
  }
  const restart = async (member: Member) => {
    member.child.kill('SIGTERM')
    const next = startMember(member.name, member.role)
    await waitUntilStarted(() => [members.get(member.name) ?? next])
    await Promise.race([member.exited, delay(60_000)])
  }
  const fleet: Fleet = {
    members: all,
    async bot(random) {
      for (;;) {
        const ready = all('bot').filter(({ port }) => port !== undefined)
        if (ready.length > 0) return random.pick(ready)
        if (closing) throw new Error('there are no bots: the fleet is closing')
        await delay(10)
      }
    },
    async killAt(role, killPoint, timeoutMs) {
      const { promise: killed, resolve } = Promise.withResolvers<boolean>()
      armed.set(role, { killPoint, died: () => resolve(true) })
      for (const member of all(role)) send(member, { killPoint })
      const timer = setTimeout(resolve, timeoutMs, false)
      const happened = await killed
      clearTimeout(timer)
      armed.delete(role)
      for (const member of all(role)) send(member, { killPoint: null })
      return happened
    },
    send,
    async restartAll(next) {
      version = next ?? version
      await Promise.all(
        roles.map(async (role) => {
          for (const member of all(role)) await restart(member)
        }),
      )
    },
    ready: () => waitUntilStarted(() => [...members.values()]),
    async close() {
      closing = true
      for (const { child } of running) child.kill('SIGKILL')
      await Promise.all([...running].map(({ exited }) => exited))
    },
  }
  for (let at = 1; at <= options.bots; at++) startMember(`bot${at}`, 'bot')
  for (let at = 1; at <= options.workers; at++) startMember(`worker${at}`, 'worker')
  try {
    await fleet.ready()
  } catch (error) {
    await fleet.close()
    throw error
  }
  return fleet
}
