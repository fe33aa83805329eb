import type { DevCluster } from '#dev/dev-cluster/cluster'
import { shown } from '#test/fakes/slack/shown'
import { waitUntil } from '#test/flow/wait-for'
import { figuresOf } from './figures.ts'
import type { Measure } from './measure.ts'
import * as peers from './peers.ts'
import { openProgram, type Program } from './program.ts'
import { openCollector, stepTable } from './spans.ts'

type Compared = { own: peers.Peer; peers: readonly { peer: peers.Peer; target?: number }[] }

/** Measures from a signed Slack request to the first output of the tool in the chat, for a cold run on a node. */
export async function benchColdNode(cluster: DevCluster, times: number): Promise<Measure> {
  const collector = await openCollector()
  const program = await open(cluster, collector.endpoint)
  const own = botPeer(program, () => `shell node001 ${peers.tool.join(' ')}`)
  const others = [
    { peer: peers.rawApi(cluster), target: 1.15 },
    { peer: peers.kubectlDebugNode(cluster), target: 0.5 },
    ...peers.kubectlRetina(cluster).map((peer) => ({ peer, target: 0.3 })),
  ]
  const measure = await interleaved('cold run on a node', times, { own, peers: others }).finally(program.stop)
  await collector.close()
  return { ...measure, hops: stepTable(collector.steps()) }
}

/** Measures a cold run in a pod, by an ephemeral container. As these can't be removed, the pod is replaced every five rounds. */
export async function benchColdPod(cluster: DevCluster, times: number): Promise<Measure> {
  const program = await open(cluster)
  const pods = await podsOf(cluster)
  const own = botPeer(program, () => `shell -n default pod/${pods.name()} ${peers.tool.join(' ')}`)
  const others = [{ peer: peers.kubectlDebugPod(cluster, pods.name), target: 0.6 }]
  return interleaved('cold run in a pod', times, { own, peers: others }, pods.replaceSometimes).finally(async () => {
    await pods.close()
    await program.stop()
  })
}

/** Measures a warm run, in the pod of the run before. */
export async function benchWarm(cluster: DevCluster, times: number): Promise<Measure> {
  const collector = await openCollector()
  const program = await open(cluster, collector.endpoint, 'keep: 5m')
  const name = `bench-exec-${process.pid}`
  await peers.createIdlePod(cluster, name)
  const own = botPeer(program, () => `shell node001 ${peers.tool.join(' ')}`)
  // Creates the pod.
  await own.once()
  const others = [
    { peer: peers.rawExec(cluster, () => name), target: 1.5 },
    { peer: peers.kubectlExec(cluster, () => name) },
    ...peers.kubectlRetina(cluster).map((peer) => ({ peer, target: 0.15 })),
  ]
  const measure = await interleaved('warm run on a node', times, { own, peers: others }).finally(async () => {
    await peers.removePod(cluster, name)
    await program.stop()
  })
  await collector.close()
  return { ...measure, hops: stepTable(collector.steps()) }
}

/** `ready`: session settings of the configuration. */
function open(cluster: DevCluster, collector?: string, ready?: string): Promise<Program> {
  const where = `name: dev, kubeconfig: '${cluster.kubeconfig}', context: ${cluster.context}`
  const more = 'limits: { perPerson: 10000, perChannel: 10000 }'
  const settings = { cluster: where, more, ...(ready === undefined ? {} : { ready }) }
  return openProgram(settings, collector === undefined ? {} : { collector })
}

/** The bot as a peer: sends a command, and measures until its first output is in the thread of its message. */
function botPeer(program: Program, text: () => string): peers.Peer {
  const { slack, people } = program
  return {
    what: 'the bot',
    async once() {
      slack.state.messages.length = 0
      const { promise: firstOutput, resolve: onFirstOutput } = Promise.withResolvers<number>()
      slack.misbehave((_method, args) => {
        if (args['thread_ts'] !== undefined && args['blocks']?.includes(peers.outputMarker))
          onFirstOutput(performance.now())
        return undefined
      })
      const begun = performance.now()
      const { status } = await people.command('U0ALICE', text())
      if (status !== 200) throw new Error(`answered with ${status}`)
      const timeout = new Promise<never>((_resolve, reject) =>
        setTimeout(() => reject(new Error(slack.state.messages.map(shown).join('\n'))), 60_000).unref(),
      )
      const at = await Promise.race([firstOutput, timeout])
      const ended = () => slack.state.messages.some((message) => /Done/.test(shown(message)))
      await waitUntil('it has ended', ended).catch((error: unknown) => {
        throw new Error(`${slack.state.messages.map(shown).join('\n')}\n${program.stderr()}`, { cause: error })
      })
      return at - begun
    },
  }
}

async function podsOf(cluster: DevCluster) {
  let serial = 0
  const name = () => `bench-${process.pid}-${serial}`
  await peers.createIdlePod(cluster, name())
  return {
    name,
    async replaceSometimes(round: number) {
      if (round % 5 !== 0) return
      await peers.removePod(cluster, name())
      serial += 1
      await peers.createIdlePod(cluster, name())
    },
    close: () => peers.removePod(cluster, name()),
  }
}

/**
 * Runs each peer once per round, so that a slow minute of the machine affects all of them. The first round is a warm-up and isn't counted.
 */
async function interleaved(
  name: string,
  times: number,
  compared: Compared,
  beforeRound: (round: number) => Promise<void> = async () => undefined,
): Promise<Measure> {
  const all = [compared.own, ...compared.peers.map(({ peer }) => peer)]
  const took = all.map((): number[] => [])
  for (let round = 0; round <= times; round++) {
    await beforeRound(round)
    for (const [at, peer] of all.entries()) {
      const milliseconds = await peer.once()
      if (round > 0) took[at]?.push(milliseconds)
    }
    process.stderr.write(`${name}: round ${round} of ${times}\n`)
  }
  const [own = [], ...rest] = took
  return {
    name,
    own: figuresOf(own),
    peers: compared.peers.map(({ peer, target }, at) => ({
      what: peer.what,
      figures: figuresOf(rest[at] ?? []),
      ...(target === undefined ? {} : { target }),
    })),
  }
}
