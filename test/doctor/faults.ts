import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '#dev/machine/free-port'
import { clusterFlags, startRedis } from '#dev/machine/redis'
import type { World } from './world.ts'

/** A planted fault, and the check of `doctor` that has to fail with it, what it says, and the command that mends it. */
export type Fault = {
  name: string
  plant: (world: World) => Promise<void> | void
  check: string
  says: RegExp
  mend: RegExp
}

const fault = (name: string, check: string, says: RegExp, mend: RegExp, plant: Fault['plant']): Fault => ({
  ...{ name, plant, check, says, mend },
})

/** Sets a value of Redis' configuration, and puts the former one back at the end. */
async function configure({ redis, onClose }: World, name: string, value: string): Promise<void> {
  const [, before = ''] = (await redis.config('GET', name)) as string[]
  await redis.config('SET', name, value)
  onClose(async () => void (await redis.config('SET', name, before)))
}

const secrets: readonly Fault[] = [
  fault('an unknown key in retina.yaml', 'configuration', /no "shel" here/, /config check/, ({ config }) => {
    config['shel'] = '{}'
  }),
  fault('no key that signs', 'secret RETINA_SEAL_KEY', /is not set/, /openssl rand -hex 32/, ({ env }) => {
    env['RETINA_SEAL_KEY'] = ''
  }),
  fault('no bot token', 'secret SLACK_BOT_TOKEN', /is not set/, /SLACK_BOT_TOKEN=xoxb-/, ({ env }) => {
    env['SLACK_BOT_TOKEN'] = ''
  }),
  fault('a token of another kind', 'secret SLACK_BOT_TOKEN', /begins with xoxp-/, /Bot User OAuth Token/, ({ env }) => {
    env['SLACK_BOT_TOKEN'] = 'xoxp-of-a-user'
  }),
  fault('no signing secret', 'secret SLACK_SIGNING_SECRET', /is not set/, /Signing Secret/, ({ env }) => {
    env['SLACK_SIGNING_SECRET'] = ''
  }),
  fault('no app token in Socket Mode', 'secret SLACK_APP_TOKEN', /is not set/, /connections:write/, (world) => {
    world.config['slack'] = `{ mode: socket, apiUrl: '${world.slack.apiUrl}' }`
    world.env['SLACK_APP_TOKEN'] = ''
  }),
  fault('no secret of Entra', 'secret ENTRA_CLIENT_SECRET', /is not set/, /az ad app credential reset/, ({ env }) => {
    env['ENTRA_CLIENT_SECRET'] = ''
  }),
  fault('no secret of the Teams app', 'secret TEAMS_APP_SECRET', /is not set/, /az ad app credential/, ({ env }) => {
    env['TEAMS_APP_SECRET'] = ''
  }),
]

const redis: readonly Fault[] = [
  fault('Redis is down', 'Redis connection', /ECONNREFUSED/, /redis-cli -u "\$REDIS_URL" ping/, ({ env }) => {
    env['REDIS_URL'] = 'redis://127.0.0.1:1'
  }),
  fault('a wrong password of Redis', 'Redis connection', /WRONGPASS|password/i, /REDIS_URL/, async (world) => {
    await configure(world, 'requirepass', 'right')
    world.env['REDIS_URL'] = (world.env['REDIS_URL'] ?? '').replace('redis://', 'redis://:wrong@')
  }),
  fault(
    'a user of Redis with too few rights',
    'Redis rights',
    /bot .*lacks the commands XADD/,
    /ACL SETUSER bot ~retina/,
    async (world) => {
      await world.redis.acl('SETUSER', 'bot', 'reset', 'on', '>secret', '~*', '&*', '+@all', '-@stream')
      world.onClose(async () => void (await world.redis.acl('DELUSER', 'bot')))
      world.env['REDIS_URL'] = (world.env['REDIS_URL'] ?? '').replace('redis://', 'redis://bot:secret@')
    },
  ),
  fault('Redis without persistence', 'Redis persistence', /loses everything/, /CONFIG SET appendonly yes/, (world) =>
    configure(world, 'appendonly', 'no'),
  ),
  fault('Redis with eviction', 'Redis eviction', /allkeys-lru/, /CONFIG SET maxmemory-policy noeviction/, (world) =>
    configure(world, 'maxmemory-policy', 'allkeys-lru'),
  ),
  fault('Redis that is nearly full', 'Redis memory', /% of maxmemory/, /CONFIG SET maxmemory/, async (world) => {
    const [, used = '0'] = /^used_memory:(\d+)/m.exec(await world.redis.info('memory')) ?? []
    await configure(world, 'maxmemory', String(Math.ceil(Number(used) * 1.03)))
  }),
  fault('a replica', 'Redis role', /is a replica/, /REPLICAOF NO ONE|primary/, async ({ redis, onClose }) => {
    await redis.call('REPLICAOF', '127.0.0.1', '1')
    onClose(async () => void (await redis.call('REPLICAOF', 'NO', 'ONE')))
  }),
  fault('a Redis Cluster', 'Redis Cluster', /Cluster/, /Sentinel|single/, async ({ env, onClose }) => {
    const folder = mkdtempSync(join(tmpdir(), 'retina-redis-cluster-'))
    const server = await startRedis({ folder, flags: await clusterFlags() })
    onClose(() => rmSync(folder, { recursive: true, force: true }))
    onClose(() => server.stop('SIGKILL'))
    env['REDIS_URL'] = server.url
  }),
]

const clusters: readonly Fault[] = [
  fault('an API server that is down', 'cluster dev connection', /ECONNREFUSED/, /kubectl .*version/, (world) => {
    world.kubeconfig.server = 'http://127.0.0.1:1'
  }),
  fault('no such context', 'cluster dev connection', /no context "other"/, /kubectl config get-contexts/, (world) => {
    world.kubeconfig.context = 'other'
  }),
  fault('a token that has expired', 'cluster dev connection', /401|Unauthorized/, /auth whoami/, ({ kubernetes }) => {
    kubernetes.state.isAuthorized = false
  }),
  fault('an old Kubernetes', 'cluster dev version', /v1\.28\.0/, /1\.30/, ({ kubernetes }) => {
    kubernetes.state.minor = 28
  }),
  fault(
    'no debug namespace',
    'cluster dev debug namespace',
    /no namespace/,
    /kubectl create namespace retina-chatops/,
    (world) => {
      world.kubernetes.state.namespaces.clear()
    },
  ),
  fault(
    'PodSecurity forbids debug pods',
    'cluster dev debug namespace',
    /"restricted"/,
    /kubectl label namespace retina-chatops pod-security\.kubernetes\.io\/enforce=privileged/,
    ({ kubernetes }) => {
      kubernetes.state.namespaces.set('retina-chatops', { 'pod-security.kubernetes.io/enforce': 'restricted' })
    },
  ),
  fault(
    'no admission policy',
    'cluster dev admission policy',
    /no admission policy/,
    /admission-policy .*kubectl apply/,
    (world) => {
      world.kubernetes.state.policies = []
    },
  ),
  fault(
    'a wider admission policy',
    'cluster dev admission policy',
    /wider.*SYS_PTRACE/,
    /admission-policy/,
    (world) => {
      world.applyAdmissionPolicy(
        world.policy.replace('capabilities: [NET_ADMIN, NET_RAW]', 'capabilities: [NET_ADMIN, NET_RAW, SYS_PTRACE]'),
      )
    },
  ),
  fault(
    'a narrower admission policy',
    'cluster dev admission policy',
    /narrower.*netfilter/,
    /admission-policy/,
    (world) => {
      world.applyAdmissionPolicy(world.policy.replace('capabilities: [NET_ADMIN, NET_RAW]', 'capabilities: [NET_RAW]'))
    },
  ),
  fault(
    'a narrower admission policy that may not be read',
    'cluster dev admission policy',
    /narrower.*netfilter/,
    /admission-policy/,
    ({ kubernetes }) => {
      kubernetes.state.denied.add('get validatingadmissionpolicies')
      kubernetes.state.refusePod = (pod) =>
        JSON.stringify(pod).includes('NET_ADMIN') ? 'a Linux capability that no set can give' : undefined
    },
  ),
  fault(
    'an admission policy that was edited',
    'cluster dev admission policy',
    /edited/,
    /admission-policy/,
    ({ kubernetes }) => {
      const policy = kubernetes.state.policies[0] as { spec: { validations: { expression: string }[] } }
      policy.spec.validations.splice(5, 1)
    },
  ),
  fault(
    'an admission policy without its binding',
    'cluster dev admission policy',
    /binding/,
    /admission-policy/,
    ({ kubernetes }) => {
      kubernetes.state.policies = kubernetes.state.policies.filter(({ kind }) => kind === 'ValidatingAdmissionPolicy')
    },
  ),
  fault(
    'an admission policy for other accounts',
    'cluster dev admission policy',
    /doesn't know this account/,
    /--account/,
    (world) => {
      world.kubernetes.state.knowsAccount = false
    },
  ),
  fault(
    'no impersonation',
    'cluster dev impersonation',
    /may not impersonate/,
    /admission-policy .*--impersonate/,
    (world) => {
      world.kubernetes.state.impersonates = false
    },
  ),
  fault(
    'nodes of another architecture',
    'cluster dev image platforms',
    /node001.*riscv64/,
    /npm run image/,
    ({ kubernetes }) => {
      kubernetes.state.nodes = [{ name: 'node001', os: 'linux', architecture: 'riscv64' }]
    },
  ),
  fault('only Windows nodes', 'cluster dev nodes', /no Linux node/, /node pool/, ({ kubernetes }) => {
    kubernetes.state.nodes = [{ name: 'win001', os: 'windows', architecture: 'amd64' }]
  }),
  fault('Fargate', 'cluster dev nodes', /Fargate/, /node group/, ({ kubernetes }) => {
    const labels = { 'eks.amazonaws.com/compute-type': 'fargate' }
    kubernetes.state.nodes = [{ name: 'fargate-1', os: 'linux', architecture: 'amd64', labels }]
  }),
  fault('clocks that differ', 'clock of cluster dev', /ahead/, /timedatectl|chrony/, ({ kubernetes }) => {
    kubernetes.state.aheadMs = 10 * 60_000
  }),
]

const chats: readonly Fault[] = [
  fault('a registry that is down', 'shell image', /unreachable/, /crane digest/, ({ registry }) => registry.close()),
  fault('no such tag', 'shell image', /has no retina\/shell:v1/, /crane ls|push/, ({ registry, config }) => {
    config['shell'] = (config['shell'] ?? '').replace(/, digest: '[^']+'/, '')
    registry.state.repositories.clear()
  }),
  fault('a wrong digest', 'shell image', /has no retina\/shell@sha256:0000/, /crane digest/, ({ config }) => {
    config['shell'] = (config['shell'] ?? '').replace(/sha256:[0-9a-f]{4}/, 'sha256:0000')
  }),
  fault(
    'an image that needs a password',
    'shell image',
    /does not let the bot read/,
    /dockerConfig/,
    ({ registry }) => {
      registry.state.auth = 'basic'
    },
  ),
  fault('a wrong token of Slack', 'Slack token', /invalid_auth/, /api\.slack\.com\/apps/, ({ env }) => {
    env['SLACK_BOT_TOKEN'] = 'xoxb-of-another-app'
  }),
  fault('the app was removed from the workspace', 'Slack token', /account_inactive/, /Install App/, ({ slack }) => {
    slack.misbehave(() => 'uninstalled')
  }),
  fault('a missing scope', 'Slack scopes', /usergroups:read/, /Reinstall/, ({ slack }) => {
    slack.state.scopes = slack.state.scopes.filter((each) => each !== 'usergroups:read')
  }),
  fault('a wrong app token of Slack', 'Slack app token', /invalid_auth/, /connections:write/, (world) => {
    world.config['slack'] = `{ mode: socket, apiUrl: '${world.slack.apiUrl}' }`
    world.env['SLACK_APP_TOKEN'] = 'xapp-of-another-app'
  }),
  fault('a wrong secret of Entra', 'Entra token', /invalid_client/, /az ad app credential reset/, ({ env }) => {
    env['ENTRA_CLIENT_SECRET'] = 'wrong'
  }),
  fault('no consent of an Entra admin', 'Entra token', /unauthorized_client/, /admin-consent/, ({ entra }) => {
    for (const tenant of entra.state.tenants.values()) tenant.consented = false
  }),
  fault('a wrong secret of the Teams app', 'Teams token', /invalid_client/, /az ad app credential reset/, ({ env }) => {
    env['TEAMS_APP_SECRET'] = 'wrong'
  }),
  fault('pages that nobody reaches', 'address pages.url', /ECONNREFUSED/, /curl -I/, async ({ config }) => {
    config['pages'] = `{ url: 'http://127.0.0.1:${await freePort()}' }`
  }),
  fault('passkeys without https', 'configuration', /must begin with https/, /config check/, ({ config }) => {
    config['confirm'] = `{ url: 'http://retina.example.invalid' }`
  }),
  fault('shells without https', 'configuration', /no page over plain http/, /config check/, ({ config }) => {
    config['terminal'] = `{ url: 'http://retina.example.invalid' }`
  }),
  fault('shells that nobody reaches', 'address terminal.url', /ECONNREFUSED/, /of the terminals/, async (world) => {
    world.config['terminal'] = `{ url: 'http://127.0.0.1:${await freePort()}' }`
  }),
  ...(
    [
      ['an Ingress that passes no WebSockets on', 400, /the Upgrade header/],
      ['a path /t/ that leads to the bots', 404, /does not lead to a terminal/],
      ['terminals with another address', 403, /another terminal\.url/],
      ['no terminal behind the Ingress', 502, /nothing is behind it/],
      ['something that answers in the place of terminals', 302, /answers in their place/],
    ] as const
  ).map(([name, status, says]) =>
    fault(name, 'WebSocket of terminal.url', says, /route \/t\/ to the terminals/, ({ pages }) => {
      pages.webSocketStatus = status
    }),
  ),
]

/** All planted faults, besides the rights, each of which is taken away by name. */
export const faults: readonly Fault[] = [...secrets, ...redis, ...clusters, ...chats]
