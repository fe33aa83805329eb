import type { NotAccepted } from '#core/messages/store-unavailable-message'
import { type AcceptedCommand, type CommandInbox, type CommandLease, LeaseLostError } from '#core/ports/inbox'
import { type FakeClock, fakeClock } from './clock.ts'
import { expiringMap } from './expiring.ts'

type StoredCommand = { inbound: AcceptedCommand['inbound']; holder: number; steps: Map<string, string>; unsure?: true }

/** Accepted commands in memory, which the inboxes of several bots share. */
export type FakeCommands = {
  commands: Map<string, StoredCommand>
  claims: ReturnType<typeof expiringMap<true>>
  /** Makes the lease of a command expire, as if its holder had died; `unsure`: before it could accept the command. */
  expire: (id: string, unsure?: 'unsure') => void
  /** Why no command is accepted at the moment. */
  refuses?: NotAccepted
  nextHolder: () => number
}

/** Seconds in which a second press of a button is the same press, and for which a command's id is remembered. */
const [pressSeconds, claimSeconds] = [3, 24 * 3_600]

/** Holder of a command whose lease has ended. */
const nobody = 0

export function memoryCommands(clock: FakeClock = fakeClock()): FakeCommands {
  const commands = new Map<string, StoredCommand>()
  let holders = 0
  return {
    commands,
    claims: expiringMap<true>(clock),
    expire(id, unsure) {
      const command = commands.get(id)
      if (command === undefined) return
      command.holder = nobody
      if (unsure !== undefined) command.unsure = true
    },
    nextHolder() {
      holders += 1
      return holders
    },
  }
}

/** Returns the inbox of one bot over these commands. */
export function memoryInbox(all: FakeCommands = memoryCommands()): CommandInbox {
  const own = new Set<() => void>()
  let isClosed = false
  const createLease = (id: string, holder: number, as: CommandLease['as']): CommandLease => {
    const stored = () => {
      const command = all.commands.get(id)
      return command?.holder === holder ? command : undefined
    }
    const inbound = JSON.parse(JSON.stringify(all.commands.get(id)?.inbound)) as CommandLease['inbound']
    const steps = new Map(all.commands.get(id)?.steps)
    const release = () => {
      const command = stored()
      if (command !== undefined) command.holder = nobody
    }
    if (isClosed) release()
    own.add(release)
    return {
      id,
      inbound,
      as,
      async assertOwned() {
        if (stored() === undefined) throw new LeaseLostError(id)
      },
      savedStep(step) {
        const text = steps.get(step)
        return text === undefined ? undefined : JSON.parse(text)
      },
      async saveStep(step, value) {
        steps.set(step, JSON.stringify(value))
        stored()?.steps.set(step, JSON.stringify(value))
      },
      async ack() {
        if (stored() !== undefined) all.commands.delete(id)
      },
      release,
    }
  }
  return {
    async accept({ id, inbound }, press) {
      if (all.refuses !== undefined) return all.refuses
      if (all.claims.get(id) || (press !== undefined && all.claims.get(press))) return 'duplicate'
      all.claims.set(id, true, claimSeconds)
      if (press !== undefined) all.claims.set(press, true, pressSeconds)
      const holder = all.nextHolder()
      all.commands.set(id, { inbound, holder, steps: new Map() })
      return createLease(id, holder, 'new')
    },
    async takeOver(maxCommands) {
      const abandoned = [...all.commands].filter(([, { holder }]) => holder === nobody).slice(0, maxCommands)
      return abandoned.map(([id, command]) => {
        command.holder = all.nextHolder()
        return createLease(id, command.holder, command.unsure ? 'unsure' : 'again')
      })
    },
    async close() {
      isClosed = true
      for (const release of own) release()
    },
  }
}
