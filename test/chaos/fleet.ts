import { type ChildProcess, spawn } from 'node:child_process'
import { openSync } from 'node:fs'
import { join } from 'node:path'
import { compiled } from '#test/cli'
import type { Order } from './program.ts'
import type { Random } from './random.ts'

const program = join(import.meta.dirname, 'program.ts')

export type Role = 'bot' | 'worker'

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
  /** Whoever of that role comes to this point first dies there. Resolves true when one did, false when none came in time. */
  dieAt: (role: Role, hop: string, side: 'before' | 'after', patience: number) => Promise<boolean>
  tell: (member: Member, order: Order) => void
  /** Stops one orderly (SIGTERM) and starts its successor. */
  renew: (member: Member) => Promise<void>
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

export async function openFleet(options: FleetOptions): Promise<Fleet> {
  const members = new Map<string, Member>()
  let closing = false
  const begin = (name: string, role: Role): Member => {
    const log = openSync(join(options.folder, `${name}.log`), 'a')
    const child = spawn(process.execPath, [program, '--config', options.config, '--role', role], {
      env: { ...process.env, ...compiled, ...options.env },
      stdio: ['ignore', log, log, 'ipc'],
    })
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()))
    const member: Member = { name, role, child, port: undefined, gone }
    child.on('error', () => undefined)
    child.on('message', (said: { port: number }) => {
      member.port = said.port
    })
    void gone.then(() => {
      if (!closing && members.get(name) === member) begin(name, role)
    })
    members.set(name, member)
    return member
  }
  for (let at = 1; at <= options.bots; at++) begin(`bot${at}`, 'bot')
  for (let at = 1; at <= options.workers; at++) begin(`worker${at}`, 'worker')

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
  const fleet: Fleet = {
    members: all,
    async bot(random) {
      for (;;) {
        const able = all('bot').filter(({ port }) => port !== undefined)
        if (able.length > 0) return random.pick(able)
        await pause(10)
      }
    },
    async dieAt(role, hop, side, patience) {
      const now = all(role).filter(({ port }) => port !== undefined)
      for (const member of now) tell(member, { die: { hop, side } })
      const late = pause(patience).then(() => undefined)
      const dead = await Promise.race([...now.map((member) => member.gone.then(() => member)), late])
      for (const member of now) if (member !== dead) tell(member, { die: null })
      return dead !== undefined
    },
    tell,
    async renew(member) {
      member.child.kill('SIGTERM')
      await Promise.race([member.gone, pause(60_000)])
      await started(() => [...members.values()].filter(({ name }) => name === member.name))
    },
    ready: () => started(() => [...members.values()]),
    async close() {
      closing = true
      for (const { child } of members.values()) child.kill('SIGKILL')
      await Promise.all([...members.values()].map(({ gone }) => gone))
    },
  }
  await fleet.ready()
  return fleet
}

export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds))
}
