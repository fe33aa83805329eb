import { delay } from '#core/util/delay'
import { type Figures, figuresOf } from '#test/bench/figures'
import { atMost, type Goal, type GoalResult } from '#test/bench/goals'
import { createIdlePod, removePod } from '#test/bench/peers'
import type { TestCluster } from '#test/environment/test-cluster'
import { type BrowserShell, openShell } from './browser-shell.ts'
import { counter, openManyShells } from './open-many-shells.ts'
import { execShell, kubectlExecShell } from './peers.ts'
import { openShellPrograms, type ShellPrograms } from './programs.ts'
import { prompt, type Shell, timeKeys } from './shell.ts'

const busyShells = 20
const keysInARound = 50

/** Measures from a key to its echo, alone and beside 20 shells that print 200 lines a second. Peers: the same in an exec. */
export async function benchEcho(cluster: TestCluster, times: number): Promise<GoalResult> {
  const programs = await openShellPrograms({ cluster })
  const pod = `bench-echo-${process.pid}`
  await createIdlePod(cluster, pod)
  const own: BrowserShell = await openShell(await programs.ask('shell node001'))
  const peers = [await execShell(cluster, pod), kubectlExecShell(cluster, pod)]
  const shells = [own, ...peers]
  for (const each of shells) await beginCat(each)
  const alone = await alternate(shells, times, 'alone')
  const busy = await openBusy(programs)
  const [before, since] = [await busy.lines(), performance.now()]
  const beside = await alternate(shells, times, `beside ${busyShells} busy ones`)
  const perSecond = ((await busy.lines()) - before) / ((performance.now() - since) / 1_000) / busyShells
  await busy.close()
  for (const each of peers) each.close()
  await own.end()
  await removePod(cluster, pod)
  await programs.stop()
  return {
    measures: [
      measureOf('key to echo, alone', alone),
      measureOf(`key to echo, beside ${busyShells} busy shells`, beside),
    ],
    goals: [...goalsOf('alone', alone), ...goalsOf(`${busyShells} busy shells beside it`, beside)],
    notes: [
      `each busy shell of 200 lines a second was shown ${Math.round(perSecond)} a second; every byte was recorded before it was shown`,
    ],
  }
}

/** Begins a program that prints nothing but the echo of the terminal, and ended lines. */
async function beginCat(shell: Shell): Promise<void> {
  await shell.shows(prompt)
  shell.type('cat\r')
  await shell.shows('cat\r\n')
}

async function openBusy(programs: ShellPrograms) {
  const busy = openManyShells()
  for (let at = 0; at < busyShells; at += 1)
    await busy.begin(await programs.ask(`shell node00${(at % 2) + 1}`), counter)
  await delay(3_000)
  return busy
}

/** Types some keys into each shell in turn, `times` times. */
async function alternate(shells: readonly Shell[], times: number, what: string): Promise<Figures[]> {
  const took = shells.map((): number[] => [])
  // The first round is a warm-up.
  for (let round = 0; round <= times; round += 1) {
    for (const [at, shell] of shells.entries()) {
      const keys = await timeKeys(shell, keysInARound)
      if (round > 0) took[at]?.push(...keys)
    }
    process.stderr.write(`terminal-echo, ${what}: round ${round} of ${times}\n`)
  }
  return took.map(figuresOf)
}

const names = ['raw API: exec with a terminal', 'kubectl exec -it']

function measureOf(name: string, [own, ...peers]: readonly Figures[]) {
  const figures = figuresOf([])
  return { name, own: own ?? figures, peers: names.map((what, at) => ({ what, figures: peers[at] ?? figures })) }
}

function goalsOf(where: string, [own, raw]: readonly Figures[]): Goal[] {
  const beyond = (name: 'median' | 'p99') => (own?.[name] ?? 0) - (raw?.[name] ?? 0)
  return [
    atMost(`echo beyond a bare exec’s, ${where}, p50`, beyond('median'), 3, 'ms'),
    atMost(`echo beyond a bare exec’s, ${where}, p99`, beyond('p99'), 15, 'ms'),
  ]
}
