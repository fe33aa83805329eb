import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { conntrackReader } from '#src/tools/insight/conntrack-insight'
import { curlReader } from '#src/tools/insight/curl-insight'
import { digReader } from '#src/tools/insight/dns-insight'
import { iptablesReader, nftReader } from '#src/tools/insight/firewall-insight'
import { mtrReader, tracerouteReader } from '#src/tools/insight/hops-insight'
import { ipReader } from '#src/tools/insight/ip-insight'
import { iperf3Reader } from '#src/tools/insight/iperf3-insight'
import { journalctlReader } from '#src/tools/insight/journal-insight'
import { ncReader } from '#src/tools/insight/nc-insight'
import { nslookupReader } from '#src/tools/insight/nslookup-insight'
import { pingReader } from '#src/tools/insight/ping-insight'
import { netstatReader, ssReader } from '#src/tools/insight/sockets-insight'
import { sysctlReader } from '#src/tools/insight/sysctl-insight'
import { systemctlReader } from '#src/tools/insight/systemctl-insight'
import { tcpdumpReader } from '#src/tools/insight/tcpdump-insight'
import { opensslReader } from '#src/tools/insight/tls-insight'

const output = (name: string, ...args: readonly string[]) => ({
  text: readFileSync(join(import.meta.dirname, `../fixtures/${name}.txt`), 'utf8'),
  argv: [name.split('/')[0] ?? '', ...args],
  exit: 0,
  at: '2026-11-24T10:00:00Z',
})

/** Data of recorded outputs: what programs such as playbooks work with, whatever the sentences are. */
test.each<[string, unknown, unknown]>([
  ['ping', pingReader.read(output('ping/loss')), { sent: 9, received: 6, duplicates: 0, avg: 0.06 }],
  ['dig', digReader.read(output('dig/nxdomain')), { kind: 'message', message: { status: 'NXDOMAIN' } }],
  ['nslookup', nslookupReader.read(output('nslookup/fine')), { addresses: ['10.99.3.2', '10.99.3.3'] }],
  ['curl', curlReader.read(output('curl/error-503', '-i', 'http://x/')), { status: 503, isUnanswered: false }],
  [
    'openssl',
    opensslReader.read(output('openssl/certificate')),
    { kind: 'session', distrust: 'self-signed certificate' },
  ],
  ['mtr', mtrReader.read(output('mtr/fine', '10.99.3.2')), { isDestination: true, destination: '10.99.3.2' }],
  ['traceroute', tracerouteReader.read(output('traceroute/fine')), { address: '10.99.3.2', limit: 30 }],
  ['ss', ssReader.read(output('ss/full-backlog', '-ltn')), { kind: 'sockets', listens: 'only', protocols: ['TCP'] }],
  [
    'netstat',
    netstatReader.read(output('netstat/all', '-tan')),
    { kind: 'sockets', listens: 'too', isFiltered: false },
  ],
  ['ip', ipReader.read(output('ip/route', 'route')), { kind: 'routes', hasAllDefaults: true }],
  ['iperf3', iperf3Reader.read(output('iperf3/udp')), { directions: [{ way: 'only', lost: 3.7 }] }],
  ['iptables', iptablesReader.read(output('iptables/drops', '-nvL')), { kind: 'rules', countersBy: '-v', queued: 0 }],
  ['nft', nftReader.read(output('nft/ruleset', 'list', 'ruleset')), { continuations: [], part: undefined }],
  ['conntrack', conntrackReader.read(output('conntrack/stats-full', '-S')), { counters: { insert_failed: 500 } }],
  ['sysctl', sysctlReader.read(output('sysctl/conntrack', '-a')), { asked: [] }],
  ['systemctl', systemctlReader.read(output('systemctl/failed', '--failed')), { kind: 'list', showsFailed: true }],
  ['journalctl', journalctlReader.read(output('journalctl/errors', '-p', 'err')), { errorsOnly: true, units: [] }],
  ['nc', ncReader.read(output('nc/open')), { attempts: [{ host: '10.99.3.2', port: '80', outcome: 'open' }] }],
  ['tcpdump', tcpdumpReader.read(output('tcpdump/unanswered')), { hasFilter: false, showsAnswers: true }],
])('%s: what is read is data', (_, data, expected) => {
  expect(data).toMatchObject(expected as object)
})

test('what is said comes from the data alone', () => {
  const data = pingReader.read(output('ping/loss'))
  if (data?.kind !== 'result') throw new Error('not read')
  expect(pingReader.say(data)?.headline).toBe('10.99.3.2 answers with 33 % loss')
  expect(pingReader.say({ ...data, received: 0, answers: [] })?.headline).toBe("10.99.3.2 doesn't answer")
})
