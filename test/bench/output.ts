import { PassThrough, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { Log } from '@kubernetes/client-node'
import type { DevCluster } from '#dev/dev-cluster/cluster'
import { connectRedis } from '#src/redis/connection'
import { openStore } from '#test/environment/store'
import { waitUntil } from '#test/flow/wait-for'
import { silentLog } from '#test/samples/run'
import { figuresOf } from './figures.ts'
import type { Measure } from './measure.ts'
import * as peers from './peers.ts'
import { openProgram, type Program } from './program.ts'

/** Bytes that the tool writes; as frames in a log they are 100 MB. */
const outputBytes = 74_000_000
const line =
  '2026-11-25T03:12:45Z node001 kernel: IN=eth0 SRC=10.244.1.7 DST=10.96.0.10 LEN=60 TTL=63 PROTO=UDP SPT=40121 DPT=53'

/**
 * Measures a tool that writes 100 MB of log, from the command until the end of the run and all output are stored. Peer: the same log,
 * written by the same runner, which the client library reads and discards.
 */
export async function benchOutput(cluster: DevCluster, rounds: number): Promise<Measure> {
  const where = `name: dev, kubeconfig: '${cluster.kubeconfig}', context: ${cluster.context}`
  const more = 'limits: { perPerson: 10000 }'
  const program = await openProgram({ cluster: where, more, shell: 'maxOutputBytes: 100000000, deadline: 120s' })
  // Memory of the idle program.
  await new Promise((resolve) => setTimeout(resolve, 3_000))
  const idleMemory = program.memory()
  const [own, raw, peaks, sizes]: [number[], number[], number[], number[]] = [[], [], [], []]
  let completeRuns = 0
  for (let round = 0; round <= rounds; round++) {
    const ours = await runOnce(program)
    const theirs = await readRawLog(cluster, round)
    process.stderr.write(`output: round ${round} of ${rounds}: ${JSON.stringify({ ours, theirs })}\n`)
    // The first round is a warm-up: its time isn't counted, its memory is.
    peaks.push(ours.peak)
    completeRuns += ours.complete ? 1 : 0
    if (round === 0) continue
    own.push(ours.took)
    raw.push(theirs.took)
    sizes.push(theirs.bytes)
  }
  await program.stop()
  const [median, bytes] = [figuresOf(own).median, figuresOf(sizes).median]
  return {
    name: '100 MB of log through a worker',
    own: figuresOf(own),
    peers: [{ what: 'the same log read by the client library', figures: figuresOf(raw), target: 1.15 }],
    notes: {
      'runs with complete output': `${completeRuns} of ${rounds + 1}`,
      'MB of log per second': Math.round(bytes / 1_000 / median),
      'MB of memory when idle': Math.round(idleMemory / 1_000_000),
      'MB of memory at the peak': Math.round(Math.max(...peaks) / 1_000_000),
    },
  }
}

async function runOnce({
  people,
  slack,
  redis,
  memory,
  stderr,
}: Program): Promise<{ took: number; peak: number; complete: boolean }> {
  slack.state.messages.length = 0
  const already = endings(stderr()).length
  let peak = 0
  const memoryTimer = setInterval(() => {
    peak = Math.max(peak, memory())
  }, 20)
  const begun = Date.now()
  const { status } = await people.command('U0ALICE', `shell node001 yes "${line}" | head -c ${outputBytes}`)
  if (status !== 200) throw new Error(`answered with ${status}`)
  await waitUntil('it has ended', () => endings(stderr()).length > already, { seconds: 120 })
  clearInterval(memoryTimer)
  const { time, run, reason } = endings(stderr()).at(-1) ?? {}
  const connection = connectRedis(redis, silentLog)
  const { size, bytes } = await openStore(connection).storedOutput(run ?? '')
  const complete = (await openStore(connection).run(run ?? ''))?.end?.complete
  await connection.unlink(await connection.keys(`retina:transcript:{${run}}:*`))
  connection.disconnect()
  // Some kubelets lose a piece of a followed log when they rotate it; the bot reports this, and it isn't measured here.
  if (bytes < outputBytes * 0.99 || size !== bytes || reason !== 'completed')
    throw new Error(`output is missing: ${JSON.stringify({ size, bytes, complete, reason })}\n${stderr()}`)
  return { took: Date.parse(time ?? '') - begun, peak, complete: complete === true }
}

function endings(stderr: string) {
  const lines = stderr.split('\n').filter((each) => each.includes('"run ended"'))
  return lines.map((each) => JSON.parse(each) as { time: string; run: string; reason: string })
}

/** Creates a pod, watches it until it runs, and follows its log to the end; resolves with the milliseconds and the bytes. */
async function readRawLog(cluster: DevCluster, serial: number): Promise<{ took: number; bytes: number }> {
  const { config, core } = peers.apiOf(cluster)
  const name = `raw-output-${process.pid}-${serial}`
  const runner = ['/usr/local/bin/retina-run', '--run', name, '--deadline', '120', '--max-bytes', '100000000']
  const tools = ['--words', '2,3', '--', 'yes', line, 'head', '-c', String(outputBytes)]
  const begun = performance.now()
  await core.createNamespacedPod({ namespace: 'default', body: peers.podOf(name, [...runner, ...tools], {}) })
  await peers.waitUntilPodStarted(config, name)
  let bytes = 0
  const sink = new Writable({
    write(data: Buffer, _encoding, done) {
      bytes += data.length
      done()
    },
  })
  const output = new PassThrough()
  await new Log(config).log('default', name, 'shell', output, { follow: true })
  await pipeline(output, sink)
  const took = performance.now() - begun
  await peers.removePod(cluster, name)
  return { took, bytes }
}
