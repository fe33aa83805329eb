import { Redis } from 'ioredis'
import { verified } from '#core/ports/store'
import { redisRunStore } from '#src/redis/store/run-store'
import type { TestCluster } from '#test/environment/test-cluster'
import { sealKey } from '#test/flow/settings'
import { waitFor, waitUntil } from '#test/flow/wait-for'
import type { EnvironmentOptions, KillsEnvironment } from './environment.ts'
import { findLeftovers, lastingKeys } from './leftovers.ts'
import { openShellClient, type ShellClient } from './shell-client.ts'
import { changeConfiguration, deletePod, killContainer } from './shell-faults.ts'

/** How sessions end, and what their record has to say then. */
const expected = {
  /** Nobody is connected for two minutes. */
  away: /^expired: no browser was connected/,
  time: /^deadline: its time was up/,
  idle: /^expired: nothing was typed or printed/,
  unopened: /^expired: nobody opened it/,
  exit: /^failed: $/,
  said: /^canceled: .* ended it/,
  button: /^canceled: .* ended it/,
  container: /^target-gone: /,
  pod: /^(target-gone: |canceled: its container was asked to end)/,
  terminal: /^canceled: .* ended it/,
  grant: /^refused: /,
  pause: /^paused: /,
  account: /^refused: .* no longer has access/,
} as const satisfies Record<string, RegExp>
export type Ending = keyof typeof expected

const isEnding = (name: string): name is Ending => name in expected

/** All endings, in the order of their tables. */
export const endings: readonly Ending[] = Object.keys(expected).filter(isEnding)

/** Capability set of the sessions of an ending, where it isn't the plain one. */
const setOf: Partial<Record<Ending, string>> = {
  time: 'brief-shell',
  idle: 'idle-shell',
  unopened: 'idle-shell',
  grant: 'lost-shell',
}

/** Environment in which sessions end in every way: limits of seconds, rights that are asked again often. */
export const endingsOptions: EnvironmentOptions = {
  shell: ['bash', '--norc'],
  policy: `
capabilitySets:
  plain-shell: { terminal: shell }
  lost-shell: { terminal: shell, capabilities: [NET_RAW] }
  idle-shell: { terminal: shell, idle: 15s }
  brief-shell: { terminal: shell, maxSession: 20s, idle: 20s }
grants:
  - { to: [alice@example.com], sets: [plain-shell, idle-shell, brief-shell], on: [{ nodes: '*' }] }
  - { to: [alice@example.com], sets: [lost-shell], on: [{ nodes: '*' }] }
`,
  settings: 'limits: { shellsPerPerson: 1000, shellsPerTarget: 1000, perPerson: 10000, perChannel: 100000 }',
  timing: { terminalRightsMs: 3_000, personCacheMs: 1_000 },
}

/** A session that ended, or has to: what its record says. */
type Ended = { id: string; ending: Ending; said: string }

/** `left`: what is left of the sessions, a line each; `violations`: that, and sessions whose record says something else. */
export type EndingsOutcome = { ended: readonly Ended[]; left: readonly string[]; violations: readonly string[] }

export type EndingsOptions = { sessions: number; cluster?: TestCluster; log: (text: string) => void }

/** Opens sessions that leave processes behind, ends them in every way, and looks for what is left of them. */
export async function runEndings(
  environment: KillsEnvironment,
  { sessions, cluster, log }: EndingsOptions,
): Promise<EndingsOutcome> {
  const redis = new Redis(environment.redis.url)
  const store = redisRunStore(redis, { secret: sealKey, now: Date.now })
  const ended: Ended[] = []
  const expect = async (ending: Ending, ids: readonly string[], seconds?: number) => {
    for (const id of ids) {
      const end = await waitFor(`${id} (${ending}) has ended`, async () => verified(await store.run(id))?.end, {
        seconds,
      })
      ended.push({ id, ending, said: `${end.reason}: ${end.message ?? ''}` })
      log(`${ending}: ${ended.at(-1)?.said}`)
    }
  }
  try {
    // What an installation has once it was used is there before.
    await expect('exit', [await endOne(environment, 'exit', cluster)])
    await waitUntil('it is forgotten', async () => (await redis.hlen('retina:values:open-sessions:all')) === 0)
    const before = await lastingKeys(redis)
    const kinds = endings.filter((ending) => ending !== 'pod' || cluster !== undefined)
    const countOf = (ending: Ending) => shareOf(sessions - 1, kinds.length, kinds.indexOf(ending))
    const each = (ending: Ending) => Array.from({ length: kinds.includes(ending) ? countOf(ending) : 0 }, () => ending)
    const waiting = new Map<Ending, string[]>()
    for (const ending of (['away', 'time', 'idle', 'unopened'] as const).flatMap(each))
      waiting.set(ending, [...(waiting.get(ending) ?? []), await beginToEnd(environment, ending)])
    for (const ending of (['exit', 'said', 'button', 'container', 'pod', 'terminal'] as const).flatMap(each))
      await expect(ending, [await endOne(environment, ending, cluster)])
    for (const [ending, ids] of waiting) await expect(ending, ids, 200)
    for (const ending of ['grant', 'pause', 'account'] as const) {
      const shells: ShellClient[] = []
      for (const one of each(ending)) shells.push(await openShell(environment, one))
      const restore = takeAway(environment, ending)
      await expect(
        ending,
        shells.map(({ id }) => id),
      )
      await restore()
    }
    const wrong = ended.filter(({ ending, said }) => !expected[ending].test(said))
    const left = await findLeftovers(
      { redis, cluster },
      ended.map(({ id }) => id),
      before,
    )
    const otherwise = wrong.map(({ id, ending, said }) => `${id} (${ending}) ended by "${said}"`)
    return { ended, left, violations: [...otherwise, ...left] }
  } finally {
    redis.disconnect()
  }
}

/** Returns how many of `all` belong to the part of this number, so that the parts differ by one at the most. */
const shareOf = (all: number, parts: number, at: number) => Math.floor(all / parts) + (at < all % parts ? 1 : 0)

/**
 * Opens a shell that leaves processes which ignore SIGHUP and SIGTERM, one of them in a session of its own; all have the session's id in their words.
 */
async function openShell(environment: KillsEnvironment, ending: Ending): Promise<ShellClient> {
  const link = await environment.link(`shell --set ${setOf[ending] ?? 'plain-shell'} node001`)
  const shell = await openShellClient(environment.network.port, link)
  const left = `exec -a left-${shell.id} sleep 86400`
  shell.type(
    `unset HISTFILE; trap '' HUP TERM; (${left}) & setsid -f bash -c '${left}'; trap - HUP TERM; echo $((40 + 2)) begun\r`,
  )
  await shell.shows('42 begun')
  return shell
}

/** Opens a session that ends by its limits; resolves with its id. */
async function beginToEnd(environment: KillsEnvironment, ending: Ending): Promise<string> {
  if (ending === 'unopened') {
    const link = await environment.link(`shell --set ${setOf.unopened} node001`)
    return /\/t\/(\w+)#/.exec(link)?.[1] ?? ''
  }
  const shell = await openShell(environment, ending)
  if (ending === 'away') shell.leave()
  return shell.id
}

/** Opens a session and ends it; resolves with its id. */
async function endOne(
  environment: KillsEnvironment,
  ending: Ending,
  cluster: TestCluster | undefined,
): Promise<string> {
  const shell = await openShell(environment, ending)
  const { id } = shell
  if (ending === 'exit') shell.type('exit 3\r')
  else if (ending === 'button') shell.end()
  else if (ending === 'container') await killContainer(id, cluster)
  else if (ending === 'pod' && cluster !== undefined) await deletePod(id, cluster)
  else await environment.say(`end ${id}`)
  if (ending === 'terminal') {
    await environment.terminal.kill()
    await environment.terminal.start()
  }
  return id
}

/** Takes the right to all open sessions, or to those of one set; returns what gives it back. */
function takeAway({ files, slack }: KillsEnvironment, ending: 'grant' | 'pause' | 'account'): () => Promise<void> {
  if (ending === 'grant')
    return changeConfiguration(files, (text) => text.replace('sets: [lost-shell]', 'sets: [idle-shell]'))
  if (ending === 'pause') return changeConfiguration(files, (text) => `${text}\npaused: maintenance\n`)
  const alice = slack.state.users.get('U0ALICE')
  if (alice !== undefined) alice.deleted = true
  return async () => {
    if (alice !== undefined) alice.deleted = false
  }
}
