import type { DevCluster } from '#dev/dev-cluster/cluster'
import { shown } from '#test/fakes/slack/shown'
import { waitUntil } from '#test/flow/wait-for'
import { figuresOf } from './figures.ts'
import type { Measure } from './measure.ts'
import * as peers from './peers.ts'
import { openProgram, type Program } from './program.ts'

/** Measures one command on 100, 300 and 1,000 simulated nodes in turn: milliseconds to its first message in the thread, and per target. */
export async function benchFanOut(times: number): Promise<Measure> {
  const limits =
    'limits: { perPerson: 10000, perChannel: 10000, queue: 100000, perNode: 1000, perCluster: 1000, fanOut: { most: 1000, confirmAbove: 1000 } }'
  const program = await openProgram({ cluster: 'name: dev', more: limits }, { simulated: 'all' })
  const sizes = [100, 300, 1_000].map((count) => ({ count, first: [] as number[], perTarget: [] as number[] }))
  for (let round = 0; round < times; round++) {
    for (const { count, first, perTarget } of sizes) {
      const took = await fanOutOnce(program, count)
      first.push(took.first)
      perTarget.push(took.ended / count)
    }
    process.stderr.write(`fan-out: round ${round + 1} of ${times}\n`)
  }
  await program.stop()
  const notes = sizes.flatMap(({ count, first, perTarget }) => [
    [`milliseconds per target, with ${count}`, Math.round(figuresOf(perTarget).median * 10) / 10],
    [`milliseconds to the first message, with ${count}`, Math.round(figuresOf(first).median)],
  ])
  const own = figuresOf(sizes.flatMap(({ first }) => first))
  return { name: 'fan-out: first message in the thread', own, peers: [], notes: Object.fromEntries(notes) }
}

/** Runs one fan-out; resolves with the milliseconds to its first message and to its end. */
async function fanOutOnce({ people, slack }: Program, count: number): Promise<{ first: number; ended: number }> {
  slack.state.messages.length = 0
  const begun = performance.now()
  await people.command('U0ALICE', `shell -l first${count}=yes dig example.com`)
  const hasMessage = () => slack.state.messages.some((message) => /dig example/.test(shown(message)))
  await waitUntil('the thread has a message', hasMessage)
  const first = performance.now() - begun
  const ended = () => slack.state.messages.some((message) => new RegExp(`Done on ${count}`).test(shown(message)))
  await waitUntil('all have ended', ended, { seconds: 300 }).catch((error: unknown) => {
    throw new Error(slack.state.messages.map(shown).join('\n'), { cause: error })
  })
  return { first, ended: performance.now() - begun }
}

const concurrentRuns = 20

/**
 * Measures 20 concurrent commands on one real node, in milliseconds per run. Peer: 20 pods created concurrently with the client library
 * alone.
 */
export async function benchAtOnce(cluster: DevCluster, times: number): Promise<Measure> {
  const where = `name: dev, kubeconfig: '${cluster.kubeconfig}', context: ${cluster.context}`
  const program = await openProgram({
    cluster: where,
    more: `limits: { perPerson: 10000, perChannel: 10000, perNode: ${concurrentRuns} }`,
  })
  const own: number[] = []
  const raw: number[] = []
  const peer = peers.rawApi(cluster)
  // The first round is a warm-up and isn't counted.
  for (let round = 0; round <= times; round++) {
    program.slack.state.messages.length = 0
    const begun = performance.now()
    const each = Array.from({ length: concurrentRuns }, (_each, at) =>
      program.people.command('U0ALICE', `shell node001 ping -c 1 -s ${at} 127.0.0.1`),
    )
    await Promise.all(each)
    const ended = () => program.stderr().split('"run ended"').length - 1 === concurrentRuns * (round + 1)
    await waitUntil('all have ended', ended)
    const between = performance.now()
    await Promise.all(Array.from({ length: concurrentRuns }, () => peer.once(['ping', '-c', '1', '127.0.0.1'])))
    if (round > 0) {
      own.push((between - begun) / concurrentRuns)
      raw.push((performance.now() - between) / concurrentRuns)
    }
    process.stderr.write(`${concurrentRuns} concurrent runs: round ${round} of ${times}\n`)
  }
  await program.stop()
  return {
    name: `${concurrentRuns} concurrent runs on one node, per run`,
    own: figuresOf(own),
    peers: [{ what: peer.what, figures: figuresOf(raw) }],
  }
}
