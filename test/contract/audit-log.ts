import { describe, expect, test } from '@jest/globals'
import type { AuditLog } from '#core/ports/store'
import type { AuditEntry, AuditRecord } from '#core/runs/audit-record'

const record = (run: string, what: AuditRecord['what'] = 'decided') => ({
  ...{ at: '2026-11-24T03:00:00.000Z', what, run, person: 'carol@example.com', details: { decision: 'allow' } },
})

async function entriesOf(log: AuditLog): Promise<AuditEntry[]> {
  const entries: AuditEntry[] = []
  for await (const entry of log.read()) entries.push(entry)
  return entries
}

/** Tests what every audit log has to do. */
export function auditLogContract(name: string, open: () => Promise<{ log: AuditLog }>): void {
  describe(`${name} meets the contract of an audit log`, () => {
    test('records are read in the order in which they were written, each linked to the one before', async () => {
      const { log } = await open()
      for (const run of ['a', 'b', 'c']) await log.append(record(run))
      const entries = await entriesOf(log)
      expect(entries.map((entry) => entry.record)).toEqual(['a', 'b', 'c'].map((run) => record(run)))
      expect(entries.map(({ number }) => number)).toEqual([1, 2, 3])
      expect(entries.slice(1).map(({ before }) => before)).toEqual(entries.slice(0, 2).map(({ hash }) => hash))
    })

    test('records are read from the newest to the oldest', async () => {
      const { log } = await open()
      for (const run of ['a', 'b', 'c']) await log.append(record(run))
      const runs: string[] = []
      for await (const entry of log.readBack()) runs.push(entry.record.run)
      expect(runs).toEqual(['c', 'b', 'a'])
    })

    test('a record that may be written once is written once', async () => {
      const { log } = await open()
      expect(await log.appendOnce(record('a', 'started'))).toBe(true)
      expect(await log.appendOnce(record('a', 'started'))).toBe(false)
      expect(await log.appendOnce(record('b', 'started'))).toBe(true)
      expect(await log.appendOnce(record('a', 'ended'))).toBe(true)
      expect(await entriesOf(log)).toHaveLength(3)
    })

    test('it knows which runs have no record of a kind', async () => {
      const { log } = await open()
      for (const run of ['a', 'b']) await log.append(record(run))
      await log.append(record('a', 'ended'))
      expect(await log.runsWithout('ended', ['a', 'b', 'c'])).toEqual(['b', 'c'])
    })

    test('its chain is verified, with an end that was noted before', async () => {
      const { log } = await open()
      expect(await log.verify()).toEqual({ records: 0 })
      for (const run of ['a', 'b', 'c']) await log.append(record(run))
      expect(await log.verify()).toEqual({ records: 3 })
      const [, second] = await entriesOf(log)
      expect(await log.verify({ number: 2, hash: second?.hash ?? '' })).toEqual({ records: 3 })
      expect(await log.verify({ number: 2, hash: 'f'.repeat(64) })).toMatchObject({
        mistake: expect.stringContaining('record 2'),
      })
    })
  })
}
