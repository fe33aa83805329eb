import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { compiled } from '#test/cli/run-cli'
import type { Death, Order } from './program.ts'
import type { Random } from './random.ts'

const program = join(import.meta.dirname, 'program.ts')

export type Role = 'bot' | 'worker'
const roles: readonly Role[] = ['bot', 'worker']

export type Member = {
  name: string
  role: Role
  child: ChildProcess
  /** Of its webhooks; undefined until it has started. */
  port: number | undefined
  gone: Promise<void>
}

/** Several bots and workers on one Redis, each a process of its own that is started again when it died. */
export type Fleet = {
  members: (role: Role) => readonly Member[]
  /** A bot that takes requests just now. Waits for one. */
  bot: (random: Random) => Promise<Member>
  /**
   * The first of that role that comes to this point dies there; one that starts meanwhile may be it. Resolves true when one did, false
   * when none came within so many milliseconds.
   */
  dieAt: (role: Role, death: Death, timeoutMs: number) => Promise<boolean>
  tell: (member: Member, order: Order) => void
  /** Stops all orderly (SIGTERM), one of each role at a time, while its successor starts. Resolves when all successors have started. */
  renewAll: () => Promise<void>
  /** Resolves when all have started. */
  ready: () => Promise<void>
  close: () => Promise<void>
}

export type FleetOptions = {
  config: string
  env: Record<string, string>
  bots: number
  workers: number
  /** Where each process' log goes. */
  folder: string
}

/** Resolves when all have started. */
export async function openFleet(options: FleetOptions): Promise<Fleet> {
  const members = new Map<string, Member>()
  /** Those that are stopping too. */
  const running = new Set<Member>()
  const armed = new Map<Role, { death: Death; died: () => void }>()
  let closing = false
  const begin = (name: string, role: Role): Member => {
    const log = openSync(join(options.folder, `${name}.log`), 'a')
    const child = spawn(process.execPath, [program, '--config', options.config, '--role', role], {
      env: { ...process.env, ...compiled, ...options.env },
      stdio: ['ignore', log, log, 'ipc'],
    })
    closeSync(log)
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()))
    const member: Member = { name, role, child, port: undefined, gone }
    child.on('error', () => undefined)
    child.on('message', (said: { port: number }) => {
      member.port = said.port
      const given = armed.get(role)
      if (given !== undefined) tell(member, { die: given.death })
    })
    void gone.then(() => {
      running.delete(member)
      armed.get(role)?.died()
      if (!closing && members.get(name) === member) begin(name, role)
    })
    members.set(name, member)
    running.add(member)
    return member
  }

  const all = (role: Role) => [...members.values()].filter((each) => each.role === role)
  const tell = (member: Member, order: Order) => {
    // One that is just dying isn't told any more.
    if (member.child.connected) member.child.send(order, () => undefined)
  }
  const started = async (names: () => readonly Member[]) => {
    for (const until = Date.now() + 60_000; Date.now() < until; await pause(10)) {
      if (names().every(({ port }) => port !== undefined)) return
    }
    throw new Error(`did not start: ${names().flatMap(({ name, port }) => (port === undefined ? [name] : []))}`)
  }
  const renew = async (member: Member) => {
    member.child.kill('SIGTERM')
    const next = begin(member.name, member.role)
    await started(() => [members.get(member.name) ?? next])
    await Promise.race([member.gone, pause(60_000)])
  }
  const fleet: Fleet = {
    members: all,
    async bot(random) {
      for (;;) {
        const able = all('bot').filter(({ port }) => port !== undefined)
        if (able.length > 0) return random.pick(able)
        if (closing) throw new Error('there are no bots any more')
        await pause(10)
      }
    },
    async dieAt(role, death, timeoutMs) {
      const { promise: dead, resolve } = Promise.withResolvers<boolean>()
      armed.set(role, { death, died: () => resolve(true) })
      for (const member of all(role)) tell(member, { die: death })
      const late = setTimeout(resolve, timeoutMs, false)
      const happened = await dead
      clearTimeout(late)
      armed.delete(role)
      for (const member of all(role)) tell(member, { die: null })
      return happened
    },
    tell,
    async renewAll() {
      await Promise.all(
        roles.map(async (role) => {
          for (const member of all(role)) await renew(member)
        }),
      )
    },
    ready: () => started(() => [...members.values()]),
    async close() {
      closing = true
      for (const { child } of running) child.kill('SIGKILL')
      await Promise.all([...running].map(({ gone }) => gone))
    },
  }
  for (let at = 1; at <= options.bots; at++) begin(`bot${at}`, 'bot')
  for (let at = 1; at <= options.workers; at++) begin(`worker${at}`, 'worker')
  try {
    await fleet.ready()
  } catch (error) {
    await fleet.close()
    throw error
  }
  return fleet
}

export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds))
}
