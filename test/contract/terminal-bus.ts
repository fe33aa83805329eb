import { describe, expect, test } from '@jest/globals'
import type { TerminalBus } from '#core/ports/terminal-bus'
import { waitUntil } from '#test/flow/wait-for'

/** Tests what every bus of hints about sessions has to do; `one` and `other` are those of two processes. */
export function terminalBusContract(name: string, open: () => Promise<{ one: TerminalBus; other: TerminalBus }>): void {
  describe(`${name} meets the contract of a bus of hints`, () => {
    test('a hint reaches who subscribed to its session, in any process, until they unsubscribe', async () => {
      const { one, other } = await open()
      const heard: string[] = []
      const unsubscribe = other.onChange('a', () => void heard.push('a'))
      other.onChange('b', () => void heard.push('b'))
      // A subscription begins a moment after it is asked for.
      await waitUntil('the hint arrives', async () => {
        await one.changed('a')
        return heard.length > 0
      })
      expect(new Set(heard)).toEqual(new Set(['a']))
      unsubscribe()
      heard.length = 0
      await one.changed('a')
      await waitUntil('another session’s hint arrives', async () => {
        await one.changed('b')
        return heard.includes('b')
      })
      expect(heard).not.toContain('a')
    })
  })
}
