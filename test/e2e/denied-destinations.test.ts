import { spawnSync } from 'node:child_process'
import { expect, test } from '@jest/globals'
import { buildShellImage } from '#shell-image/build'
import { resolveHost } from '#src/app/resolve-host'
import { runTrial, type Trial, toAddresses } from '#test/environment/reached-hosts'
import { decideDestination } from '#test/redteam/decide-destination'
import { addressesByName, deniedCases } from '#test/redteam/denied-destinations'
import { harmlessCases } from '#test/redteam/harmless-destinations'
import { mutatedHosts } from '#test/redteam/mutated-hosts'

const seed = 20_261_128
/** "npm run redteam" tries all commands; "npm test", which has minutes, every fourth one. */
const isLong = process.env['RETINA_REDTEAM_LONG'] === '1'
const share = isLong ? 1 : 1 / 4
const some = <T>(all: readonly T[]): T[] => all.filter((_each, at) => isLong || at % 4 === 0)
/** Time limit of a test in ms, for a busy machine. Tools that wait are ended after 2 s each. */
const timeoutMs = isLong ? 600_000 : 240_000

const search = 'google.internal'
const names: Trial['names'] = {
  ...addressesByName,
  'metadata.google.internal': ['169.254.169.254'],
  // A program that looks other bytes up than the ASCII form of a name gets another address.
  'xn--mds-qma.attacker.example': ['93.184.216.34'],
  '*.attacker.example': ['169.254.169.254'],
}
const places = {
  denied: ['169.254.169.254', 'fd00:ec2::254', '127.0.0.1', '::1', '64:ff9b::a9fe:a9fe', '2002:a9fe:a9fe::1'],
  harmless: ['93.184.216.34', '2001:db8::1'],
  names,
  search,
}

async function lookUp(name: string, family: 4 | 6): Promise<string[]> {
  const found = toAddresses(names, name)
  if (found.length === 0) throw Object.assign(new Error(name), { code: 'ENOTFOUND' })
  return found.filter((address) => address.includes(':') === (family === 6))
}
const lookups = {
  resolve4: (name: string) => lookUp(name, 4),
  resolve6: (name: string) => lookUp(name, 6),
} as unknown as NonNullable<Parameters<typeof resolveHost>[2]>

/** Runs each command as it would be run, or as it was typed where it is refused. Returns those that reached a denied host. */
async function tryCommands(commands: readonly (readonly string[])[]) {
  const { rootfs } = await buildShellImage()
  const judged = await Promise.all(
    commands.map(async (words) => {
      const { decision, argv } = await decideDestination(words, (name) => resolveHost(name, [search], lookups))
      const allowed = decision.effect === 'allow'
      return { allowed, argv: allowed ? argv : words }
    }),
  )
  const half = Math.ceil(judged.length / 2)
  const parts = [judged.slice(0, half), judged.slice(half)]
  const results = await Promise.all(
    parts.map((part) => runTrial({ ...places, rootfs, commands: part.map(({ argv }) => argv) })),
  )
  return judged.map((each, at) => ({ ...each, reached: results.flat()[at] === true })).filter(({ reached }) => reached)
}

/** Tools that are quick, and connect to a port or a name server. */
const quick = /^(curl|wget|ncat|openssl|socat|nmap|dig|drill|nslookup)$/
const toWords = (words: string | readonly string[]) => (typeof words === 'string' ? words.split(' ') : [...words])
const typed = [...deniedCases.map(({ words }) => words), ...harmlessCases]
  .map(toWords)
  .map(([tool = '', ...args]) => [tool === 'nc' ? 'ncat' : tool, ...args])
  .filter(([tool = '']) => quick.test(tool))

test(
  'T12 a listed command that really reaches a denied host is refused',
  async () => {
    const reached = await tryCommands(typed)
    expect(reached.filter(({ allowed }) => allowed).map(({ argv }) => argv)).toEqual([])
    expect(reached.length).toBeGreaterThan(150)
  },
  timeoutMs,
)

test(
  'T12 a URL that curl or wget really takes to a denied host is refused, however it was changed',
  async () => {
    const reached = await tryCommands([
      ...mutatedHosts('url', seed, 400 * share).map((url) => ['curl', '-sS', url]),
      ...mutatedHosts('url', seed + 1, 120 * share).map((url) => ['wget', '-qO-', url]),
    ])
    expect(reached.filter(({ allowed }) => allowed).map(({ argv }) => argv)).toEqual([])
    expect(reached.length).toBeGreaterThan(80 * share)
  },
  timeoutMs,
)

test(
  'T12 a host that other tools really take to a denied one is refused, however it was changed',
  async () => {
    const reached = await tryCommands([
      ...mutatedHosts('plain', seed + 2, 60 * share).map((host) => ['ncat', '-zv', '-w', '1', host, '80']),
      ...mutatedHosts('plain', seed + 3, 60 * share).map((host) => [
        'openssl',
        's_client',
        '-brief',
        '-connect',
        `${host}:443`,
      ]),
      ...mutatedHosts('plain', seed + 4, 60 * share).map((host) => ['socat', '-T1', '-u', `TCP:${host}:80`, 'STDOUT']),
      ...mutatedHosts('plain', seed + 5, 30 * share).map((host) => ['nmap', '-Pn', '-n', '-sT', '-p', '80', host]),
      ...mutatedHosts('plain', seed + 6, 30 * share).map((host) => [
        'dig',
        '+tries=1',
        '+time=1',
        `@${host}`,
        'x.example',
      ]),
    ])
    expect(reached.filter(({ allowed }) => allowed).map(({ argv }) => argv)).toEqual([])
    expect(reached.length).toBeGreaterThan(20 * share)
  },
  timeoutMs,
)

/** Calls of which the last words reach a denied host, where the option in front of them takes no value. */
const calls: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  ['curl', ['--help', 'all'], ['http://169.254.169.254/']],
  ['wget', ['--help'], ['http://169.254.169.254/']],
  ['ncat', ['--help'], ['169.254.169.254', '80']],
  ['openssl s_client', ['-help'], ['169.254.169.254:443']],
]

test(
  'T12 no option makes a host look like its value: each option of the real tools stands before a denied host',
  async () => {
    const { rootfs } = await buildShellImage()
    const texts = await Promise.all(
      calls.map(async ([tool, help]) => {
        const { stdout, stderr } = spawnSync('chroot', [rootfs, ...tool.split(' '), ...help], { encoding: 'utf8' })
        return `${stdout}${stderr}`
      }),
    )
    const commands = calls.flatMap(([tool, , host], at) => {
      const options = [...(texts[at] ?? '').matchAll(/(?<=^|[\s,])--?[a-zA-Z0-9][\w.-]*/gm)].map(([option]) => option)
      return some([...new Set(options)]).map((option) => [...tool.split(' '), option, ...host])
    })
    expect(commands.length).toBeGreaterThan(500 * share)
    const reached = await tryCommands(commands)
    expect(reached.filter(({ allowed }) => allowed).map(({ argv }) => argv)).toEqual([])
    expect(reached.length).toBeGreaterThan(120 * share)
  },
  timeoutMs,
)
