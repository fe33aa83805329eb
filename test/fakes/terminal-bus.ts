import type { TerminalBus } from '#core/ports/terminal-bus'

export type FakeTerminalBus = TerminalBus & { changes: readonly string[] }

/** Returns a bus of hints in memory. `changes`: the sessions that changed, in order. */
export function memoryTerminalBus(): FakeTerminalBus {
  const changes: string[] = []
  const listeners = new Map<string, Set<() => void>>()
  return {
    changes,
    async changed(session) {
      changes.push(session)
      for (const callback of listeners.get(session) ?? []) callback()
    },
    onChange(session, callback) {
      const own = listeners.get(session) ?? new Set()
      listeners.set(session, own.add(callback))
      return () => void own.delete(callback)
    },
  }
}
