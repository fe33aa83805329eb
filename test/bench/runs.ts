import type { DevCluster } from '#dev/dev-cluster/cluster'
import { shown } from '#test/fakes/slack/shown'
import { waitUntil } from '#test/flow/wait-for'
import { figuresOf } from './figures.ts'
import type { Measure } from './measure.ts'
import * as peers from './peers.ts'
import { openProgram, type Program } from './program.ts'
import { hopTable, openCollector } from './spans.ts'

type Given = { own: peers.Peer; peers: readonly { peer: peers.Peer; target?: number }[] }

/** A signed request to Slack's door until the first byte of output stands in the chat, for a tool on a node. */
export async function benchColdNode(cluster: DevCluster, times: number): Promise<Measure> {
  const collector = await openCollector()
  const program = await open(cluster, collector.endpoint)
  const own = asked(program, () => `shell node001 ${peers.tool.join(' ')}`)
  const beside = [
    { peer: peers.rawApi(cluster), target: 1.15 },
    { peer: peers.kubectlDebugNode(cluster), target: 0.5 },
    ...peers.kubectlRetina(cluster).map((peer) => ({ peer, target: 0.3 })),
  ]
  const measure = await interleaved('cold run on a node', times, { own, peers: beside }).finally(program.stop)
  await collector.close()
  return { ...measure, hops: hopTable(collector.hops()) }
}

/** The same in a pod, by an ephemeral container. None can be removed, so a fresh pod takes over now and then. */
export async function benchColdPod(cluster: DevCluster, times: number): Promise<Measure> {
  const program = await open(cluster)
  const pods = await podsOf(cluster)
  const own = asked(program, () => `shell -n default pod/${pods.name()} ${peers.tool.join(' ')}`)
  const beside = [{ peer: peers.kubectlDebugPod(cluster, pods.name), target: 0.6 }]
  return interleaved('cold run in a pod', times, { own, peers: beside }, pods.next).finally(async () => {
    await pods.close()
    await program.stop()
  })
}

/** The next one, in the pod of the one before. */
export async function benchWarm(cluster: DevCluster, times: number): Promise<Measure> {
  const collector = await openCollector()
  const program = await open(cluster, collector.endpoint, 'keep: 5m')
  const name = `bench-exec-${process.pid}`
  await peers.idlePod(cluster, name)
  const own = asked(program, () => `shell node001 ${peers.tool.join(' ')}`)
  // Makes the pod.
  await own.once()
  const beside = [
    { peer: peers.rawExec(cluster, () => name), target: 1.5 },
    { peer: peers.kubectlExec(cluster, () => name) },
    ...peers.kubectlRetina(cluster).map((peer) => ({ peer, target: 0.15 })),
  ]
  const measure = await interleaved('next run (warm)', times, { own, peers: beside }).finally(async () => {
    await peers.removePod(cluster, name)
    await program.stop()
  })
  await collector.close()
  return { ...measure, hops: hopTable(collector.hops()) }
}

function open(cluster: DevCluster, collector?: string, ready?: string): Promise<Program> {
  const where = `name: dev, kubeconfig: '${cluster.kubeconfig}', context: ${cluster.context}`
  const more = 'limits: { perPerson: 10000, perChannel: 10000 }'
  const settings = { cluster: where, more, ...(ready === undefined ? {} : { ready }) }
  return openProgram(settings, collector === undefined ? {} : { collector })
}

/** Somebody types it, and reads the first word of its output. */
function asked(program: Program, text: () => string): peers.Peer {
  const { slack, people } = program
  return {
    what: 'the bot',
    async once() {
      slack.state.messages.length = 0
      const { promise: seen, resolve: see } = Promise.withResolvers<number>()
      slack.misbehave((_method, args) => {
        if (args['blocks']?.includes(peers.firstWord)) see(performance.now())
        return undefined
      })
      const begun = performance.now()
      const { status } = await people.command('U0ALICE', text())
      if (status !== 200) throw new Error(`answered with ${status}`)
      const late = new Promise<never>((_resolve, reject) =>
        setTimeout(() => reject(new Error(slack.state.messages.map(shown).join('\n'))), 60_000).unref(),
      )
      const at = await Promise.race([seen, late])
      const ended = () => slack.state.messages.some((message) => /Done/.test(shown(message)))
      await waitUntil('it has ended', ended, 15).catch((error: unknown) => {
        throw new Error(`${slack.state.messages.map(shown).join('\n')}\n${program.stderr()}`, { cause: error })
      })
      return at - begun
    },
  }
}

async function podsOf(cluster: DevCluster) {
  let serial = 0
  const name = () => `bench-${process.pid}-${serial}`
  await peers.idlePod(cluster, name())
  return {
    name,
    async next(round: number) {
      if (round % 5 !== 0) return
      await peers.removePod(cluster, name())
      serial += 1
      await peers.idlePod(cluster, name())
    },
    close: () => peers.removePod(cluster, name()),
  }
}

/** Each once a round, so that a slow minute of the machine is everybody's. The first round warms up and doesn't count. */
async function interleaved(
  name: string,
  times: number,
  given: Given,
  before: (round: number) => Promise<void> = async () => undefined,
): Promise<Measure> {
  const all = [given.own, ...given.peers.map(({ peer }) => peer)]
  const took = all.map((): number[] => [])
  for (let round = 0; round <= times; round++) {
    await before(round)
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
    peers: given.peers.map(({ peer, target }, at) => ({
      what: peer.what,
      figures: figuresOf(rest[at] ?? []),
      ...(target === undefined ? {} : { target }),
    })),
  }
}
