import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { delay } from '#core/util/delay'
import { atMost, type GoalResult } from '#test/bench/goals'
import { startExecServer } from './exec-server.ts'
import { openManyShells } from './open-many-shells.ts'
import { openShellPrograms } from './programs.ts'

const [idleShells, busyShells] = [500, 50]

/** Measures the memory of one terminal process with 500 idle shells and 50 that print 200 lines a second, on a stand-in for the API server. */
export async function benchMemory(times: number): Promise<GoalResult> {
  const folder = mkdtempSync(join(tmpdir(), 'retina-bench-'))
  const server = await startExecServer(folder)
  const programs = await openShellPrograms({ standIn: server.kubeconfig })
  const megabytes = () => programs.memory() / 1_000_000
  const none = megabytes()
  const shells = openManyShells()
  for (let at = 0; at < idleShells; at += 1) await shells.begin(await programs.ask(`shell n${at % 100}`))
  const idle = megabytes()
  process.stderr.write(
    `terminal-memory: ${idleShells} idle shells: ${idle.toFixed(0)} MB, from ${none.toFixed(0)} MB\n`,
  )
  for (let at = 0; at < busyShells; at += 1) await shells.begin(await programs.ask(`shell n${at % 100}`), 'count')
  const [before, since] = [await shells.lines(), performance.now()]
  const samples: number[] = []
  for (let second = 0; second < 3 * times; second += 1) {
    await delay(1_000)
    samples.push(megabytes())
  }
  const perSecond = ((await shells.lines()) - before) / ((performance.now() - since) / 1_000) / busyShells
  await shells.close()
  await programs.stop()
  server.close()
  rmSync(folder, { recursive: true, force: true })
  const most = Math.max(...samples)
  return {
    goals: [
      atMost(
        `${idleShells} idle and ${busyShells} busy shells in one process (stand-in API server), at the most`,
        most,
        400,
        'MB',
        0,
      ),
    ],
    notes: [
      `that process has ${none.toFixed(0)} MB without a shell and ${idle.toFixed(0)} MB with ${idleShells} idle ones; each busy shell of 200 lines a second was shown ${Math.round(perSecond)} a second, for ${samples.length} s`,
    ],
  }
}
