import { delay } from '#core/util/delay'
import { nodeExec } from '#dev/dev-cluster/node'
import { figuresOf } from '#test/bench/figures'
import { atMost, type GoalResult } from '#test/bench/goals'
import { createIdlePod, removePod } from '#test/bench/peers'
import type { TestCluster } from '#test/environment/test-cluster'
import { type BrowserShell, openShell } from './browser-shell.ts'
import { execShell } from './peers.ts'
import { openShellPrograms, type ShellPrograms } from './programs.ts'
import { prompt, type Shell, settled, timeKey } from './shell.ts'

const heldShells = 10

/**
 * Measures a shell in which `yes` runs for three seconds a round, 60 s by default: how soon keys are answered, Ctrl-C too; and the memory of shells whose pages
 * take nothing more. Peer: the same in an exec.
 */
export async function benchFlood(cluster: TestCluster, times: number): Promise<GoalResult> {
  const programs = await openShellPrograms({ cluster })
  const pod = `bench-flood-${process.pid}`
  await createIdlePod(cluster, pod)
  const own = await openShell(await programs.ask('shell node001'))
  const flooded = await flood(own, times)
  const perSecond = own.bytes() / 1_000_000 / flooded.seconds
  await own.end()
  const raw = await execShell(cluster, pod)
  const bare = await flood(raw, times)
  raw.close()
  await removePod(cluster, pod)
  const held = await holdBack(programs)
  await programs.stop()
  const keys = figuresOf(flooded.keys)
  return {
    measures: [
      {
        ...{ name: 'key to echo while `yes` runs', own: keys },
        peers: [{ what: 'raw API: exec with a terminal', figures: figuresOf(bare.keys) }],
      },
    ],
    goals: [
      atMost(
        `\`yes\` for ${Math.round(flooded.seconds)} s: keys answered, the slowest of ${keys.count}`,
        keys.longest,
        200,
        'ms',
        0,
      ),
      atMost('`yes`: Ctrl-C to the prompt', flooded.interrupt, 200, 'ms', 0),
      atMost(
        '`yes` in a shell whose page takes nothing more: memory of the terminal’s process for it',
        held.megabytes,
        4,
        'MB',
      ),
    ],
    notes: [
      `\`yes\` was shown and recorded at ${perSecond.toFixed(1)} MB a second, so that \`maxRecording\` by default (64 MiB) ends it after ${(67.1 / perSecond).toFixed(0)} s; Ctrl-C in a bare exec took ${bare.interrupt.toFixed(0)} ms`,
      `a page that takes nothing more got ${held.bytes / 1_024} KiB, then \`yes\` waited; the runner’s processes of its shell had ${held.runner.toFixed(1)} MB`,
    ],
  }
}

/** Runs `yes`, types a key every quarter of a second, and ends it by Ctrl-C. */
async function flood(shell: Shell, times: number) {
  await shell.shows(prompt)
  const [keys, begun]: [number[], number] = [[], performance.now()]
  shell.type('yes\r')
  await shell.shows('y\r\ny\r\n')
  for (let at = 0; performance.now() - begun < times * 3_000; at += 1) {
    keys.push(await timeKey(shell, at))
    await delay(250)
  }
  const pressed = performance.now()
  shell.type('\u0003')
  const interrupt = (await shell.shows(prompt)) - pressed
  const seconds = (performance.now() - begun) / 1_000
  process.stderr.write(`terminal-flood: ${JSON.stringify({ ...figuresOf(keys), interrupt, seconds })}\n`)
  return { keys, interrupt, seconds }
}

/** Runs `yes` in shells whose pages acknowledge nothing, until it waits. */
async function holdBack(programs: ShellPrograms) {
  const shells: BrowserShell[] = []
  for (let at = 0; at < heldShells; at += 1) {
    const shell = await openShell(await programs.ask('shell node001'), { acknowledges: false })
    await shell.shows(prompt)
    shells.push(shell)
  }
  await delay(3_000)
  const before = programs.memory()
  for (const each of shells) each.type('yes\r')
  const total = () => shells.reduce((sum, each) => sum + each.bytes(), 0)
  const bytes = await settled('`yes` waits', total)
  const megabytes = Math.max(0, programs.memory() - before) / 1_000_000 / heldShells
  const resident = await nodeExec('node001', ['ps', '-C', 'retina-run', '-o', 'rss='])
  const runner = resident.split('\n').reduce((sum, each) => sum + Number(each), 0) / 1_000 / heldShells
  await Promise.all(shells.map((each) => each.end()))
  process.stderr.write(`terminal-flood: ${JSON.stringify({ bytes, megabytes, runner })}\n`)
  return { bytes: Math.round(bytes / heldShells), megabytes, runner }
}
