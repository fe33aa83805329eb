import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { admissionObjects } from '#src/app/admission-objects'
import { knownNames } from '#src/app/policy-file'
import { parseConfig } from '#src/config/load'
import { expectValid } from '#test/config/expect-valid'
import { type FakeEntra, startFakeEntra } from '#test/fakes/entra/server'
import { clientSecret, home } from '#test/fakes/entra/state'
import { type FakeKubernetes, startFakeKubernetes } from '#test/fakes/kubernetes/server'
import { closeServer, listenOnLoopback } from '#test/fakes/listen'
import { type FakeRegistry, startFakeRegistry } from '#test/fakes/registry/server'
import { push } from '#test/fakes/registry/state'
import { type FakeSlack, startFakeSlack } from '#test/fakes/slack/server'
import { appToken, botToken } from '#test/fakes/slack/state'
import { type FakeTeams, startFakeTeams } from '#test/fakes/teams/server'
import { teamsSecret } from '#test/fakes/teams/state'
import { policyText, sealKey } from '#test/flow/settings'

/** Everything that the program needs, healthy, until a test plants a fault. */
export type World = {
  kubernetes: FakeKubernetes
  slack: FakeSlack
  entra: FakeEntra
  teams: FakeTeams
  registry: FakeRegistry
  redis: Redis
  /** Lines of `retina.yaml` by name, for tests to replace. */
  config: Record<string, string>
  policy: string
  env: Record<string, string>
  kubeconfig: { context: string; server: string }
  /** How what is before the terminals answers to a WebSocket: 101 opens one. */
  pages: { webSocketStatus: number }
  /** Registers what is to be closed with the world. */
  onClose: (close: () => Promise<void> | void) => void
  /** Applies the admission policy of a policy text to the stand-in for the cluster. */
  applyAdmissionPolicy: (policy: string) => void
  /** Writes `retina.yaml`; returns its path. */
  write: () => string
  close: () => Promise<void>
}

const account = 'system:serviceaccount:retina-chatops-system:bot'

/** Opens a world in which no check of `doctor` fails. `redisUrl`: a real Redis with an append-only file. */
export async function openWorld(redisUrl: string): Promise<World> {
  const [kubernetes, slack, entra, teams, registry, pages] = await Promise.all([
    startFakeKubernetes(),
    startFakeSlack(),
    startFakeEntra(),
    startFakeTeams(home),
    startFakeRegistry(),
    startPages(),
  ])
  const digest = push(registry.state, 'retina/shell', 'v1', undefined, ['amd64', 'arm64'])
  const folder = mkdtempSync(join(tmpdir(), 'retina-doctor-'))
  const redis = new Redis(redisUrl, { lazyConnect: true, retryStrategy: () => null })
  redis.on('error', () => undefined)
  await redis.connect()
  const closing: (() => Promise<void> | void)[] = [
    ...[kubernetes.close, slack.close, entra.close, teams.close, registry.close, pages.close],
    () => redis.disconnect(),
    () => rmSync(folder, { recursive: true, force: true }),
  ]
  const world: World = {
    ...{ kubernetes, slack, entra, teams, registry, redis, pages: pages.state },
    config: {
      clusters: `[{ name: dev, kubeconfig: ${join(folder, 'kubeconfig')}, impersonate: required, admissionPolicy: required }]`,
      shell: `{ image: { repo: ${registry.host}/retina/shell, version: v1, digest: '${digest}' } }`,
      slack: `{ apiUrl: '${slack.apiUrl}' }`,
      directory: `{ entra: { tenant: ${home}, clientId: ${entra.state.clientId}, loginUrl: '${entra.url}', graphUrl: '${entra.url}' } }`,
      teams: `{ appId: ${teams.state.appId}, tenant: ${home}, loginUrl: '${teams.url}', openIdUrl: '${teams.url}/openid' }`,
      pages: `{ url: '${pages.url}' }`,
      confirm: `{ url: '${pages.url}' }`,
      terminal: `{ url: '${pages.url}' }`,
    },
    policy: policyText,
    env: {
      REDIS_URL: redisUrl,
      RETINA_SEAL_KEY: sealKey,
      SLACK_BOT_TOKEN: botToken,
      SLACK_SIGNING_SECRET: '8f742231b10e8888abcd99yyyzzz85a5'.replaceAll(/[yz]/g, '0'),
      SLACK_APP_TOKEN: appToken,
      ENTRA_CLIENT_SECRET: clientSecret,
      TEAMS_APP_SECRET: teamsSecret,
    },
    kubeconfig: { context: 'dev', server: kubernetes.url },
    onClose: (close) => void closing.push(close),
    applyAdmissionPolicy(policy) {
      const loaded = expectValid(parseConfig(textOf(world.config, policy), {}, knownNames()))
      const objects = admissionObjects(loaded.config, { accounts: [account], impersonate: false })
      kubernetes.state.policies = structuredClone(objects) as typeof kubernetes.state.policies
    },
    write() {
      const file = join(folder, 'retina.yaml')
      writeFileSync(file, textOf(world.config, world.policy))
      writeFileSync(join(folder, 'kubeconfig'), kubeconfigOf(world.kubeconfig))
      return file
    },
    async close() {
      for (const close of closing.splice(0).toReversed()) await close()
    },
  }
  world.applyAdmissionPolicy(world.policy)
  return world
}

function textOf(config: Record<string, string>, policy: string): string {
  const lines = Object.entries(config).map(([key, value]) => `${key}: ${value}`)
  return `${lines.join('\n')}\n${policy}`
}

function kubeconfigOf({ context, server }: World['kubeconfig']): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': context,
    contexts: [{ name: 'dev', context: { cluster: 'dev', user: 'dev' } }],
    clusters: [{ name: 'dev', cluster: { server, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'dev', user: { token: 'a-token-of-the-tests' } }],
  })
}

/** Starts a server that answers at the address of the pages as the program does: nothing is at its root, and a shell's page opens a WebSocket. */
async function startPages() {
  const state = { webSocketStatus: 101 }
  const server = createServer((_request, response) => response.writeHead(404).end())
  server.on('upgrade', ({ url }, socket) => {
    const isOpen = state.webSocketStatus === 101 && url === '/t/connect'
    const headers = isOpen ? 'upgrade: websocket\r\nconnection: Upgrade' : 'content-length: 0\r\nconnection: close'
    socket.end(`HTTP/1.1 ${isOpen ? 101 : state.webSocketStatus} Status\r\n${headers}\r\n\r\n`)
  })
  const port = await listenOnLoopback(server)
  return {
    state,
    url: `http://127.0.0.1:${port}`,
    close: () => closeServer(server),
  }
}
