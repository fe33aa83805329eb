import type { DevCluster } from '#dev/dev-cluster/cluster'
import { figuresOf } from '#test/bench/figures'
import { atMost, type GoalResult } from '#test/bench/goals'
import type { Measure } from '#test/bench/measure'
import * as pods from '#test/bench/peers'
import type { TestCluster } from '#test/environment/test-cluster'
import { waitUntil } from '#test/flow/wait-for'
import { loadPage, openShell } from './browser-shell.ts'
import { commandShell, execShell, kubectlExecShell, kubectlShell } from './peers.ts'
import { openShellPrograms, type ShellPrograms } from './programs.ts'
import { prompt, type Shell } from './shell.ts'

/**
 * Measures from the press of a link's button to the prompt: of a new shell, whose container is made then (cold), and of one that runs, opened in
 * another browser (warm). Peers: a pod or an exec with a terminal, until bash's prompt.
 */
export async function benchOpen(cluster: TestCluster, times: number): Promise<GoalResult> {
  const programs = await openShellPrograms({ cluster })
  const idle = `bench-open-${process.pid}`
  await pods.createIdlePod(cluster, idle)
  const peers: { cold: readonly pods.Peer[]; warm: readonly pods.Peer[] } = {
    cold: [createAndExec(cluster), debugNode(cluster), ...kubectlRetina(cluster)],
    warm: [
      { what: 'raw API: exec with a terminal', once: () => promptOf(() => execShell(cluster, idle)) },
      { what: 'kubectl exec -it', once: () => promptOf(() => kubectlExecShell(cluster, idle)) },
    ],
  }
  const took = new Map<string, number[]>()
  const note = (what: string, ms: number) => void took.set(what, [...(took.get(what) ?? []), ms])
  for (let round = 0; round <= times; round += 1) {
    const own = await openOurs(programs, cluster)
    note('cold', own.cold)
    note('warm', own.warm)
    for (const { what, once } of [...peers.cold, ...peers.warm]) note(what, await once())
    process.stderr.write(`terminal-open: round ${round} of ${times}\n`)
    // The first round is a warm-up.
    if (round === 0) took.clear()
  }
  await pods.removePod(cluster, idle)
  await programs.stop()
  const figures = (what: string) => figuresOf(took.get(what) ?? [])
  const measure = (kind: keyof typeof names): Measure => ({
    ...{ name: names[kind], own: figures(kind) },
    peers: peers[kind].map(({ what }) => ({ what, figures: figures(what) })),
  })
  const beside = figures('cold').median / figures(rawName).median
  return {
    measures: [measure('cold'), measure('warm')],
    goals: [
      atMost(`${names.cold}: p50 beside the raw API’s create and exec`, beside, 1.2, '', 2),
      atMost(`${names.warm}: p50`, figures('warm').median, 150, 'ms', 0),
    ],
  }
}

const names = {
  cold: 'button to prompt, new shell (cold)',
  warm: 'button to prompt, running shell in another browser (warm)',
}
const rawName = 'raw API: create, watch, exec with a terminal'

/** Opens a new shell, and once more in another browser; ends it, and waits until its pod is gone. */
async function openOurs(programs: ShellPrograms, { core, namespace }: TestCluster) {
  const open = async (link: string) => {
    await loadPage(link)
    const begun = performance.now()
    // What isn't acknowledged is shown again in the other browser.
    const shell = await openShell(link, { acknowledges: false })
    return { shell, took: (await shell.shows(prompt)) - begun }
  }
  const first = await open(await programs.ask('shell node001'))
  const second = await open(await programs.ask(`open ${first.shell.id}`))
  await first.shell.closed
  await second.shell.end()
  const isGone = async () => (await core.listNamespacedPod({ namespace })).items.length === 0
  await waitUntil('the pod is gone', isGone)
  return { cold: first.took, warm: second.took }
}

function createAndExec(cluster: DevCluster): pods.Peer {
  const { config, core } = pods.apiOf(cluster)
  let serial = 0
  return {
    what: rawName,
    async once() {
      serial += 1
      const name = `raw-shell-${process.pid}-${serial}`
      const took = await promptOf(async () => {
        const body = pods.podOf(name, ['sleep', '600'], { hostNetwork: true })
        await core.createNamespacedPod({ namespace: 'default', body })
        await pods.waitUntilPodStarted(config, name)
        return execShell(cluster, name)
      })
      await pods.removePod(cluster, name)
      return took
    },
  }
}

function debugNode(cluster: TestCluster): pods.Peer {
  const { namespace } = cluster
  const kind = ['--profile=general', '--image-pull-policy=IfNotPresent', `--image=${pods.image}`]
  return {
    what: 'kubectl debug node/… -it',
    async once() {
      const args = ['debug', 'node/node001', '-it', '-n', namespace, ...kind, '--', 'bash']
      const took = await promptAfterEnter(() => kubectlShell(cluster, args))
      await cluster.kubectl(['-n', namespace, 'delete', 'pods', '--all', '--grace-period=0', '--force'])
      return took
    },
  }
}

/** Microsoft's `kubectl retina shell`, where its binary is there. */
function kubectlRetina(cluster: DevCluster): pods.Peer[] {
  const command = pods.kubectlRetinaCommand(cluster)
  if (command === undefined) return []
  return [{ what: 'kubectl retina shell', once: () => promptAfterEnter(() => commandShell(command)) }]
}

/** Presses Enter until there is a prompt: one that came before kubectl was attached is lost. */
async function promptAfterEnter(begin: () => Shell): Promise<number> {
  let pressing: NodeJS.Timeout | undefined
  const beginPressing = () => {
    const shell = begin()
    pressing = setInterval(() => shell.type('\r'), 50)
    return shell
  }
  return promptOf(beginPressing).finally(() => clearInterval(pressing))
}

/** Resolves with the milliseconds from the beginning to the prompt. */
async function promptOf(begin: () => Promise<Shell> | Shell): Promise<number> {
  const begun = performance.now()
  const shell = await begin()
  const took = (await shell.shows(prompt)) - begun
  shell.close()
  return took
}
