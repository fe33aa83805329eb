import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Redis } from 'ioredis'
import { apiServer, machineAddress } from '#dev/dev-cluster/versions'
import { freePort } from '#dev/machine/free-port'
import { startRedis } from '#dev/machine/redis'
import { connectRedis } from '#src/redis/connection'
import { createIdlePod, removePod } from '#test/bench/peers'
import type { TestCluster } from '#test/environment/test-cluster'
import { type FakeSlack, startFakeSlack } from '#test/fakes/slack/server'
import { botToken, signingSecret } from '#test/fakes/slack/state'
import { configText, sealKey } from '#test/flow/settings'
import { silentLog } from '#test/samples/run'
import { type Fleet, openFleet, type ProgramVersion } from './fleet.ts'
import type { ChaosPace } from './pace.ts'
import { type CuttingProxy, openProxy } from './proxy.ts'
import { openToolServer, type ToolServer } from './tool-server.ts'

/** Everything that a chaos run needs: several processes of the program, and the servers that they use. */
export type ChaosEnvironment = {
  cluster: TestCluster
  pace: ChaosPace
  /** Name of a pod in which tools are run. */
  pod: string
  /** Returns the next number for a command, unique in this environment. */
  nextSerial: () => number
  fleet: Fleet
  /** Writes the configuration of a checkout of the program; `image`: fields of its shell image. */
  versionOf: (checkout: Checkout) => ProgramVersion
  slack: FakeSlack
  proxy: CuttingProxy
  tools: ToolServer
  redis: { connection: Redis; stop: (signal: 'SIGTERM' | 'SIGKILL') => Promise<void>; start: () => Promise<void> }
  /** Stops everything; the logs stay. */
  close: () => Promise<void>
}

/** A checkout of the program, and the fields of the shell image that belongs to it; default: the image of the development cluster. */
export type Checkout = { name: string; root: string; image?: string }

/** This checkout. */
export const presentCheckout: Checkout = { name: 'present', root: join(import.meta.dirname, '../..') }

/** Alice's sessions stay warm for a while, Bob's don't. */
const policy = `
capabilitySets:
  probe: { tools: [curl] }
  once: { tools: [curl], keep: false }
  asked: { tools: [wget], approval: { from: [bob@example.com], within: 60s } }
grants:
  - { to: [alice@example.com], sets: [probe, asked], on: [{ nodes: '*' }, { namespaces: '*' }] }
  - { to: [bob@example.com], sets: [once], on: [{ nodes: '*' }, { namespaces: '*' }] }`

/**
 * Starts everything, and resolves when all processes have started.
 * `folder`: for the logs of all processes; emptied first. `checkout`: what runs first.
 */
export async function openChaosEnvironment(
  cluster: TestCluster,
  folder: string,
  pace: ChaosPace,
  checkout = presentCheckout,
): Promise<ChaosEnvironment> {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const closing: (() => unknown)[] = []
  const close = async () => {
    for (const each of closing.splice(0).toReversed()) await each()
  }
  try {
    const own = mkdtempSync(join(tmpdir(), 'retina-chaos-'))
    closing.push(() => rmSync(own, { recursive: true, force: true }))
    const data = { folder: join(own, 'redis'), port: await freePort() }
    let server = await startRedis(data)
    closing.push(() => server.stop('SIGKILL'))
    const slack = await startFakeSlack()
    closing.push(slack.close)
    slack.state.unhurried = true
    const proxy = await openProxy({ host: machineAddress, port: Number(new URL(apiServer).port) })
    closing.push(proxy.close)
    const tools = await openToolServer(machineAddress)
    closing.push(tools.close)
    const where = `name: dev, kubeconfig: '${kubeconfigThroughProxy(cluster, proxy, own)}', context: ${cluster.context}`
    const more = 'limits: { perPerson: 10000, perChannel: 10000, perNode: 8, queue: 10000 }'
    const versionOf = ({ name, root, image }: Checkout): ProgramVersion => {
      const config = join(own, `${name}.yaml`)
      const settings = { policy, cluster: where, shell: cluster.settings.shell, more, ready: pace.sessionTimes }
      writeFileSync(config, configText(image === undefined ? settings : { ...settings, image }, slack))
      return { root, config }
    }
    const secrets = { SLACK_BOT_TOKEN: botToken, SLACK_SIGNING_SECRET: signingSecret, RETINA_SEAL_KEY: sealKey }
    const env = { ...secrets, REDIS_URL: server.url, RETINA_TEST_TIMING: JSON.stringify(pace.timing) }
    const connection = connectRedis(server.url, silentLog)
    closing.push(() => connection.disconnect())
    // The name is unique, so that a pod that another process left behind doesn't conflict.
    const pod = `chaos-target-${process.pid}`
    const podStarted = createIdlePod(cluster, pod)
    podStarted.catch(() => undefined)
    closing.push(() => removePod(cluster, pod).catch(() => undefined))
    const fleet = await openFleet({ version: versionOf(checkout), folder, bots: 2, workers: 3, env })
    closing.push(fleet.close)
    await podStarted
    let serial = 0
    const redis: ChaosEnvironment['redis'] = {
      connection,
      stop: (signal) => server.stop(signal),
      async start() {
        server = await startRedis(data)
      },
    }
    return { cluster, pace, pod, nextSerial: () => ++serial, fleet, versionOf, slack, proxy, tools, redis, close }
  } catch (error) {
    await close()
    throw error
  }
}

/** Writes a kubeconfig with the same credentials whose connections go through the proxy; returns its path. */
function kubeconfigThroughProxy({ kubeconfig }: TestCluster, { port }: CuttingProxy, folder: string): string {
  const file = join(folder, 'kubeconfig.json')
  const text = readFileSync(kubeconfig, 'utf8').replaceAll(apiServer, `https://127.0.0.1:${port}`)
  writeFileSync(file, text, { mode: 0o600 })
  return file
}
