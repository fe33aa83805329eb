import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import type { Case } from './case.ts'

/** Public collections of outputs: the name of the option, the repository, and its folder. */
export const collections = {
  jc: { repository: 'kellyjonbrazil/jc', folder: 'tests/fixtures' },
  insights: { repository: 'RedHatInsights/insights-core', folder: 'insights/tests/parsers' },
  ntc: { repository: 'networktocode/ntc-templates', folder: 'tests/linux' },
  nft: { repository: 'debiansid/nftables-fullcone', folder: 'tests/shell/testcases' },
  tcpdump: { repository: 'the-tcpdump-group/tcpdump', folder: 'tests' },
} as const

export type Collection = keyof typeof collections

/** Returns the cases of a collection from a copy of its repository: a work tree, or a bare repository. */
export function publicCases(collection: Collection, copy: string): Case[] {
  const { repository, folder } = collections[collection]
  const isWorkTree = existsSync(join(copy, folder))
  const root = isWorkTree ? copy : unpack(copy, folder)
  try {
    return readers[collection](join(root, folder)).map((each) => ({ ...each, from: `${repository} ${each.from}` }))
  } finally {
    if (!isWorkTree) rmSync(root, { recursive: true })
  }
}

/** Writes a folder of a bare repository to a temporary one. Files that the repository lists but doesn't have are left out. */
function unpack(repository: string, folder: string): string {
  const git = (args: readonly string[], input = '') => {
    const { status, stdout, stderr } = spawnSync('git', ['--git-dir', repository, ...args], {
      input,
      maxBuffer: 2 ** 30,
    })
    if (status !== 0) throw new Error(`${repository}: ${String(stderr)}`)
    return stdout
  }
  const names = String(git(['ls-tree', '-rz', '--name-only', 'HEAD', folder]))
    .split('\0')
    .filter((name) => name !== '' && !name.includes('\n'))
  const target = mkdtempSync(join(tmpdir(), 'retina-outputs-'))
  const blobs = git(['cat-file', '--batch'], names.map((name) => `HEAD:${name}\n`).join(''))
  let start = 0
  for (const name of names) {
    const end = blobs.indexOf('\n', start)
    const [, type, size] = blobs.toString('utf8', start, end).split(' ')
    start = end + 1
    if (type !== 'blob') continue
    mkdirSync(dirname(join(target, name)), { recursive: true })
    writeFileSync(join(target, name), blobs.subarray(start, start + Number(size)))
    start += Number(size) + 1
  }
  return target
}

const readers: Readonly<Record<Collection, (folder: string) => Case[]>> = { jc, insights, ntc, nft, tcpdump }

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8', withFileTypes: true })
    .filter((each) => each.isFile())
    .map((each) => join(each.parentPath, each.name))
    .sort()
}

/** Arguments of jc's outputs, by the beginning of the file's name; the first one counts. */
const jcLines: readonly [RegExp, (name: string, text: string) => readonly string[]][] = [
  [/^ping6?-/, (_, text) => ['ping', /^PING6?\(? ?(?:\d+=\S+ bytes\) )?(\S+?)[ (]/.exec(text)?.[1] ?? 'x']],
  [
    /^dig/,
    (_, text) => ['dig', ...(/<<>> DiG \S+ <<>> (.*)/.exec(text)?.[1]?.split(' ') ?? ['+noall', '+answer', 'x'])],
  ],
  [/^netstat-sudo-(\w+)/, (name) => ['netstat', `-${/sudo-(\w+)/.exec(name)?.[1]}`]],
  [/^netstat-no-state/, () => ['netstat', '-lunp']],
  [/^netstat-(\w+)/, (name) => ['netstat', `-${/netstat-(\w+)/.exec(name)?.[1]}`]],
  [/^netstat/, () => ['netstat']],
  [/^ss-sudo-(\w+)/, (name) => ['ss', `-${/sudo-(\w+)/.exec(name)?.[1]}`]],
  [/^ss-wide/, () => ['ss', '-tuape']],
  [/^ip_route/, () => ['ip', 'route']],
  [
    /^iptables-(?:filter|mangle|nat|raw)/,
    (name) => [
      'iptables',
      '-t',
      /^iptables-(\w+)/.exec(name)?.[1] ?? '',
      '-L',
      ...(name.includes('-nv') ? ['-nv'] : []),
    ],
  ],
  [/^iptables-no-jump/, () => ['iptables', '-nvL']],
  [/^traceroute/, (_, text) => ['traceroute', /^traceroute6? to (\S+)/m.exec(text)?.[1] ?? 'x']],
  [/^systemctl-lj/, () => ['systemctl', 'list-jobs']],
  [/^systemctl-ls/, () => ['systemctl', 'list-sockets']],
  [/^systemctl-luf/, () => ['systemctl', 'list-unit-files']],
  [/^systemctl/, () => ['systemctl']],
  [/^sysctl/, () => ['sysctl', '-a']],
  [/^http_headers/, () => ['curl', '-I', 'http://x/']],
  [/^curl_head/, () => ['curl', '-ILvs', 'http://x/']],
]

function jc(folder: string): Case[] {
  return filesBelow(folder).flatMap((file) => {
    const name = basename(file)
    const line = name.endsWith('.out') ? jcLines.find(([pattern]) => pattern.test(name)) : undefined
    if (line === undefined) return []
    const text = readFileSync(file, 'utf8')
    const json = file.replace(/\.out$/, '.json')
    const from = file.slice(file.indexOf('tests/fixtures'))
    const oracle = existsSync(json) ? { oracle: JSON.parse(readFileSync(json, 'utf8')) as unknown } : {}
    return [{ name, from, argv: line[1](name, text), text, ...oracle }]
  })
}

/** Command lines of insights-core's outputs: the file, the beginning of the variable's name, and the line. */
const insightsLines: readonly [file: string, variable: RegExp, line: string][] = [
  ['test_ip.py', /^IP_ADDR/, 'ip address'],
  ['test_ip.py', /^IP_D_S_LINK/, 'ip -d -s link'],
  ['test_ip.py', /^IP_S_LINK/, 'ip -s link'],
  ['test_ip.py', /^IP_ROUTE/, 'ip route show table all'],
  ['test_ip.py', /^IPV4_NEIGH/, 'ip -4 neigh'],
  ['test_ip.py', /^(?:IPV6|BAD|IP)_NEIGH/, 'ip neigh show'],
  ['test_iptables.py', /^IPTABLES_SAVE/, 'iptables-save'],
  ['test_iptables.py', /^IP6TABLES_SAVE/, 'ip6tables-save'],
  ['test_nftables.py', /./, 'nft -j list ruleset'],
  ['test_netstat.py', /^NETSTAT_S_W/, 'netstat -s'],
  ['test_netstat.py', /^NETSTAT_S$/, 'netstat -s'],
  ['test_netstat.py', /^TEST_NETSTAT_AGN/, 'netstat -agn'],
  ['test_netstat.py', /^NETSTAT_I/, 'netstat -i'],
  ['test_netstat.py', /^NETSTAT/, 'netstat -neopa'],
  ['test_netstat.py', /^(?:SS|Ss)_TULPN/, 'ss -tulpn'],
  ['test_netstat.py', /^(?:SS|Ss)_TUPNA/, 'ss -tupna'],
  ['test_dig.py', /DNSSEC/, 'dig +dnssec nic.cz. SOA'],
  ['test_dig.py', /EDNS/, 'dig . SOA'],
  ['test_sysctl.py', /^SYSCTL_(?:TEST|DOC)/, 'sysctl -a'],
  ['test_systemctl_status_all.py', /./, 'systemctl status --all'],
  ['test_unitfiles.py', /^LISTUNITS/, 'systemctl list-units --all'],
  ['test_unitfiles.py', /./, 'systemctl list-unit-files'],
  ['test_ethtool.py', /^(?:TEST_|SUCCE|FAIL|ETHTOOL_)/, 'ethtool eth0'],
  ['test_certificates_enddate.py', /./, 'openssl x509 -noout -enddate -in x'],
  ['test_ssl_certificate.py', /./, 'openssl x509 -noout -in x'],
  ['test_journalctl.py', /^JOURNAL_/, 'journalctl --no-pager'],
  ['test_journalctl.py', /^JOURNALCTL_/, 'journalctl --header'],
  ['test_route.py', /./, 'route -n'],
]

function insights(folder: string): Case[] {
  return readdirSync(folder)
    .sort()
    .flatMap((file) => {
      if (!insightsLines.some(([name]) => name === file)) return []
      const source = readFileSync(join(folder, file), 'utf8')
      return [...source.matchAll(/^(\w+) = [ru]?("""|''')([\s\S]*?)\2/gm)].flatMap(([, variable = '', , body = '']) => {
        const line = insightsLines.find(([name, pattern]) => name === file && pattern.test(variable))
        if (line === undefined) return []
        const text = body.replaceAll('\\n', '\n').replace(/^\n/, '')
        return [{ name: variable, from: `${file} ${variable}`, argv: line[2].split(' '), text }]
      })
    })
}

function ntc(folder: string): Case[] {
  const lines: Readonly<Record<string, string>> = {
    ip_address_show: 'ip address show',
    ip_link_show: 'ip link show',
    ip_route_show: 'ip route show',
    ip_vrf_show: 'ip vrf show',
  }
  return filesBelow(folder).flatMap((file) => {
    const line = lines[basename(join(file, '..'))]
    if (line === undefined || !file.endsWith('.raw')) return []
    const from = `tests/linux/${basename(file)}`
    return [{ name: basename(file), from, argv: line.split(' '), text: readFileSync(file, 'utf8') }]
  })
}

function nft(folder: string): Case[] {
  return filesBelow(folder)
    .filter((file) => file.endsWith('.nft'))
    .map((file) => {
      const from = file.slice(file.indexOf('tests/shell'))
      return { name: basename(file), from, argv: ['nft', 'list', 'ruleset'], text: readFileSync(file, 'utf8') }
    })
}

/** tcpdump's own outputs are those of files; what it adds after a capture is added here. */
function tcpdump(folder: string): Case[] {
  return readFileSync(join(folder, 'TESTLIST'), 'utf8')
    .split('\n')
    .flatMap((line) => {
      const [name = '', , out = '', ...args] = line.trim().split(/\s+/)
      const file = join(folder, out)
      if (line.startsWith('#') || !out.endsWith('.out') || !existsSync(file)) return []
      const printed = readFileSync(file, 'utf8')
      const packets = /^ *(\d+) {2}/.exec(printed.split('\n').findLast((each) => /^ *\d+ {2}/.test(each)) ?? '')?.[1]
      if (packets === undefined) return []
      const text = `${printed}${packets} packets captured\n${packets} packets received by filter\n0 packets dropped by kernel\n`
      const options = args.filter((arg) => arg.startsWith('-'))
      return [{ name, from: `tests/${out}`, argv: ['tcpdump', '-#', '-n', ...options], text }]
    })
}
