import type { DevCluster } from '#deploy/dev-cluster/cluster'
import { shown } from '#test/fakes/slack/shown'
import { until } from '#test/flow/until'
import { figuresOf } from './figures.ts'
import type { Measure } from './measure.ts'
import * as peers from './peers.ts'
import { openProgram, type Program } from './program.ts'

/** One command on 100, 300 and 1,000 simulated nodes: milliseconds until the thread first tells of it, and a target. */
export async function benchFanOut(): Promise<Measure> {
  const limits =
    'limits: { perPerson: 10000, perChannel: 10000, queue: 100000, perNode: 1000, perCluster: 1000, fanOut: { most: 1000, confirmAbove: 1000 } }'
  const program = await openProgram({ cluster: 'name: dev', more: limits }, { simulated: 'all' })
  const first: number[] = []
  const notes: Record<string, number> = {}
  for (const many of [100, 300, 1_000]) {
    const { told, ended } = await one(program, many)
    first.push(told)
    notes[`milliseconds a target, of ${many}`] = Math.round((ended / many) * 10) / 10
    notes[`milliseconds to the first word, of ${many}`] = Math.round(told)
  }
  await program.stop()
  return { name: 'fan-out: first word in the thread', own: figuresOf(first), peers: [], notes }
}

async function one({ people, slack }: Program, many: number): Promise<{ told: number; ended: number }> {
  slack.state.messages.length = 0
  const begun = performance.now()
  await people.command('U0ALICE', `shell -l first${many}=yes dig example.com`)
  const told = () => slack.state.messages.some((message) => /dig example/.test(shown(message)))
  await until('it is told', told, 60)
  const after = performance.now() - begun
  const ended = () => slack.state.messages.some((message) => new RegExp(`Done on ${many}`).test(shown(message)))
  await until('all have ended', ended, 300).catch((error: unknown) => {
    throw new Error(slack.state.messages.map(shown).join('\n'), { cause: error })
  })
  return { told: after, ended: performance.now() - begun }
}

const atOnce = 20

/** Twenty commands at once on one real node: milliseconds a run; beside it twenty pods made at once with the library alone. */
export async function benchAtOnce(cluster: DevCluster): Promise<Measure> {
  const where = `name: dev, kubeconfig: '${cluster.kubeconfig}', context: ${cluster.context}`
  const program = await openProgram({
    cluster: where,
    more: `limits: { perPerson: 10000, perChannel: 10000, perNode: ${atOnce} }`,
  })
  const own: number[] = []
  const raw: number[] = []
  const peer = peers.rawApi(cluster)
  for (let round = 0; round < 4; round++) {
    program.slack.state.messages.length = 0
    const begun = performance.now()
    const each = Array.from({ length: atOnce }, (_each, at) =>
      program.people.command('U0ALICE', `shell node001 ping -c 1 -s ${at} 127.0.0.1`),
    )
    await Promise.all(each)
    const ended = () => program.stderr().split('"run ended"').length - 1 === atOnce * (round + 1)
    await until('all have ended', ended, 60)
    const between = performance.now()
    await Promise.all(Array.from({ length: atOnce }, () => peer.once(['ping', '-c', '1', '127.0.0.1'])))
    // The first round warms up.
    if (round > 0) {
      own.push((between - begun) / atOnce)
      raw.push((performance.now() - between) / atOnce)
    }
  }
  await program.stop()
  return {
    name: `${atOnce} runs at once on one node, each`,
    own: figuresOf(own),
    peers: [{ what: peer.what, figures: figuresOf(raw) }],
  }
}
