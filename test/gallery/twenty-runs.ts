import type { Message, RunCard } from '#core/messages/message'
import { viewText } from '#core/output/output-view'
import type { Insight } from '#core/request/insight'
import type { EndReason } from '#core/runs/run'

type RunMessage = Extract<Message, { kind: 'queued' | 'starting' | 'running' | 'ended' }>

const people = ['Alice', 'Bob', 'Carol']
const at = '2026-11-24T03:00:05.000Z'

const long = Array.from(
  { length: 40 },
  (_each, line) => `${line * 37}  ${line * 2_960}  ACCEPT  all  --  *  *  10.244.${line}.0/24  0.0.0.0/0`,
).join('\n')

/** Commands of an incident: what ran where, and the result in one line, where it is known. */
const rows: readonly (readonly [
  command: string,
  target: string,
  headline: string,
  severity: Insight['severity'],
  output: string,
])[] = [
  ['dig shop.example.com', 'node/node001', 'shop.example.com resolves to 203.0.113.10', 'ok', '203.0.113.10'],
  [
    'ping -c 5 10.99.3.2',
    'node/node001',
    '10.99.3.2 answers with 40 % loss',
    'bad',
    '5 packets transmitted, 3 received',
  ],
  [
    'ping -c 5 10.99.3.2',
    'node/node002',
    '10.99.3.2 answers: no loss, 0.4 ms on average',
    'ok',
    '5 packets transmitted',
  ],
  [
    'systemctl --failed',
    'node/node001',
    '1 failed unit: kubelet.service',
    'bad',
    'kubelet.service loaded failed failed',
  ],
  ['curl -sS http://api', '-n shop pod/web-1', 'http://api answers with 503', 'bad', '503 Service Unavailable'],
  ['iptables -nvL', 'node/node001', '412 packets dropped by KUBE-FIREWALL', 'warn', long],
  ['nc -zv 10.96.0.10 53', '-n shop pod/web-1', '10.96.0.10:53 is open', 'ok', 'Ncat: Connected to 10.96.0.10:53.'],
]

function cardOf(number: number, command: string, target: string): RunCard {
  return {
    id: `run${String(number).padStart(2, '0')}abcdefg`,
    by: people[number % people.length] ?? '',
    target,
    cluster: 'prod-eu',
    command,
    added: [],
    set: 'probe',
    deadline: 60,
    queuedAt: at,
    startedAt: at,
    actions: ['rerun', 'rerun-with', 'link'],
  }
}

function ended(number: number): RunMessage {
  const [command, target, headline, severity, output] = rows[number % rows.length] ?? ['', '', '', 'ok', '']
  const reason: EndReason = severity === 'bad' && number % 2 === 0 ? 'failed' : 'completed'
  return {
    kind: 'ended',
    run: cardOf(number, command, target),
    end: { reason, exitCode: reason === 'failed' ? 1 : 0, complete: true, at },
    duration: 1 + (number % 5),
    output: viewText(output, 2_800),
    insight: { severity, headline, facts: [] },
  }
}

/** Twenty runs of an incident's channel, oldest first: eighteen have ended, one runs, one waits. */
export const twentyRuns: readonly RunMessage[] = [
  ...Array.from({ length: 18 }, (_each, number) => ended(number)),
  {
    kind: 'running',
    run: { ...cardOf(18, 'tcpdump -ni any port 53', 'node/node001'), actions: ['cancel'] },
    output: viewText('IP 10.244.1.7.40121 > 10.96.0.10.53: 4711+ A? api.', 2_800),
    elapsed: 12,
  },
  {
    kind: 'queued',
    run: { ...cardOf(19, 'conntrack -L -p udp', 'node/node002'), actions: ['cancel'] },
    note: 'One run is ahead of it.',
  },
]
