import type { DevCluster } from '#dev/dev-cluster/cluster'
import { shown } from '#test/fakes/slack/shown'
import { waitUntil } from '#test/flow/wait-for'
import { figuresOf } from './figures.ts'
import type { Measure } from './measure.ts'
import * as peers from './peers.ts'
import { openProgram, type Program } from './program.ts'

/** One command on 100, 300 and 1,000 simulated nodes in turn: milliseconds until the thread first tells of it, and a target. */
export async function benchFanOut(times: number): Promise<Measure> {
  const limits =
    'limits: { perPerson: 10000, perChannel: 10000, queue: 100000, perNode: 1000, perCluster: 1000, fanOut: { most: 1000, confirmAbove: 1000 } }'
  const program = await openProgram({ cluster: 'name: dev', more: limits }, { simulated: 'all' })
  const sizes = [100, 300, 1_000].map((many) => ({ many, told: [] as number[], each: [] as number[] }))
  for (let round = 0; round < times; round++) {
    for (const { many, told, each } of sizes) {
      const took = await one(program, many)
      told.push(took.told)
      each.push(took.ended / many)
    }
    process.stderr.write(`fan-out: round ${round + 1} of ${times}\n`)
  }
  await program.stop()
  const notes = sizes.flatMap(({ many, told, each }) => [
    [`milliseconds a target, of ${many}`, Math.round(figuresOf(each).median * 10) / 10],
    [`milliseconds to the first word, of ${many}`, Math.round(figuresOf(told).median)],
  ])
  const first = figuresOf(sizes.flatMap(({ told }) => told))
  return { name: 'fan-out: first word in the thread', own: first, peers: [], notes: Object.fromEntries(notes) }
}

async function one({ people, slack }: Program, many: number): Promise<{ told: number; ended: number }> {
  slack.state.messages.length = 0
  const begun = performance.now()
  await people.command('U0ALICE', `shell -l first${many}=yes dig example.com`)
  const told = () => slack.state.messages.some((message) => /dig example/.test(shown(message)))
  await waitUntil('it is told', told, 60)
  const after = performance.now() - begun
  const ended = () => slack.state.messages.some((message) => new RegExp(`Done on ${many}`).test(shown(message)))
  await waitUntil('all have ended', ended, 300).catch((error: unknown) => {
    throw new Error(slack.state.messages.map(shown).join('\n'), { cause: error })
  })
  return { told: after, ended: performance.now() - begun }
}

const atOnce = 20

/** Twenty commands at once on one real node: milliseconds a run; beside it twenty pods made at once with the library alone. */
export async function benchAtOnce(cluster: DevCluster, times: number): Promise<Measure> {
  const where = `name: dev, kubeconfig: '${cluster.kubeconfig}', context: ${cluster.context}`
  const program = await openProgram({
    cluster: where,
    more: `limits: { perPerson: 10000, perChannel: 10000, perNode: ${atOnce} }`,
  })
  const own: number[] = []
  const raw: number[] = []
  const peer = peers.rawApi(cluster)
  // The first round warms up.
  for (let round = 0; round <= times; round++) {
    program.slack.state.messages.length = 0
    const begun = performance.now()
    const each = Array.from({ length: atOnce }, (_each, at) =>
      program.people.command('U0ALICE', `shell node001 ping -c 1 -s ${at} 127.0.0.1`),
    )
    await Promise.all(each)
    const ended = () => program.stderr().split('"run ended"').length - 1 === atOnce * (round + 1)
    await waitUntil('all have ended', ended, 60)
    const between = performance.now()
    await Promise.all(Array.from({ length: atOnce }, () => peer.once(['ping', '-c', '1', '127.0.0.1'])))
    if (round > 0) {
      own.push((between - begun) / atOnce)
      raw.push((performance.now() - between) / atOnce)
    }
    process.stderr.write(`${atOnce} at once: round ${round} of ${times}\n`)
  }
  await program.stop()
  return {
    name: `${atOnce} runs at once on one node, each`,
    own: figuresOf(own),
    peers: [{ what: peer.what, figures: figuresOf(raw) }],
  }
}
