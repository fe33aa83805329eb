import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from '@jest/globals'
import { openKillsEnvironment } from './environment.ts'
import { runKills } from './run.ts'

const logs = mkdtempSync(join(tmpdir(), 'retina-kills-logs-'))
afterAll(() => rmSync(logs, { recursive: true, force: true }))

// The short form of `npm run terminal-kills`; docs/reliability.md has the figures of the long one.
const seed = 25

test(`a shell outlives reloads, cut networks, a killed terminal and a restarted Redis: no byte and no key is lost or doubled (seed ${seed})`, async () => {
  const environment = await openKillsEnvironment(logs)
  const said: string[] = []
  try {
    const { violations, happened, bytes, typed } = await runKills(environment, {
      ...{ seed, times: 1, perSession: 6, maxAwayMs: 500, log: (text) => void said.push(text) },
      kinds: ['reload', 'reset', 'paused', 'dead', 'terminal', 'redis'],
    })
    expect({ violations, said }).toEqual({ violations: [], said })
    expect(happened).toHaveLength(6)
    expect(bytes).toBeGreaterThan(5_000)
    expect(typed).toBeGreaterThan(10)
  } finally {
    await environment.close()
  }
})
