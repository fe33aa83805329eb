import type { Review } from '#core/approvals/approval'
import type { Message, RunCard } from '#core/messages/message'
import type { RequestFacts } from '#core/messages/request-facts'
import type { Chart, Insight } from '#core/request/insight'
import { alertMessages, timelineMessage } from './incident-messages.ts'
import { triageMessages } from './triage-messages.ts'

const card: RunCard = {
  id: 'abcdefgh2345',
  by: 'Carol',
  target: 'node/node001',
  cluster: 'dev',
  command: 'ping -c 5 10.0.0.1',
  added: ['-c 5: ping does not end by itself'],
  set: 'probe',
  deadline: 60,
  queuedAt: '2026-11-24T03:00:00.000Z',
  startedAt: '2026-11-24T03:00:01.000Z',
  actions: ['cancel', 'show'],
}
const at = '2026-11-24T03:00:05.000Z'

function outputOf(tail: string) {
  return { tail, linesBefore: 0, lines: tail.split('\n').length, bytes: tail.length, redacted: 0 }
}

export function endedWith(tail: string): Extract<Message, { kind: 'ended' }> {
  const run: RunCard = { ...card, actions: ['rerun', 'show'] }
  return {
    kind: 'ended',
    run,
    end: { reason: 'completed', exitCode: 0, complete: true, at },
    duration: 4,
    output: outputOf(tail),
  }
}

export const chart: Chart = {
  title: 'Round-trip time to 10.0.0.1',
  unit: 'ms',
  over: 'packet',
  points: [1.2, 1.4, null, 9.5, 1.3].map((y, index) => ({ x: index + 1, y })),
}

const loss: Insight = {
  severity: 'warn',
  headline: '10.0.0.1 answers with 20 % loss',
  facts: [
    { name: 'loss', value: '20 %' },
    { name: 'answered', value: '4 of 5' },
  ],
  chart,
}

const fanOut: Extract<Message, { kind: 'fan-out' }> = {
  kind: 'fan-out',
  id: 'abcdefgh2345',
  by: 'Carol',
  where: 'nodes with pool=web',
  command: 'dig example.org',
  total: 9,
  ended: 8,
  running: 1,
  results: [
    { reason: 'failed', exitCode: 9, said: 'no servers could be reached', same: true, targets: ['node/node001'] },
    {
      reason: 'completed',
      exitCode: 0,
      said: ';; Query time: 2 msec',
      same: false,
      targets: [2, 3, 4, 5, 6, 7, 8].map((number) => `node/node00${number}`),
    },
  ],
  skipped: [{ why: 'it runs Windows', targets: ['node/win001'] }],
  actions: ['cancel'],
  file: 'abcdefgh2345.txt',
}

/** Returns a result as the channel and as its thread show it. */
function inBothParts(ended: Extract<Message, { kind: 'ended' }>): Message[] {
  return [
    { ...ended, part: 'root' },
    { ...ended, part: 'thread' },
  ]
}

const review: Review = {
  by: { id: 'bob@example.com', name: 'Bob' },
  verdict: 'approve',
  account: { platform: 'web', team: 'local', user: 'bob@example.com' },
  at,
  as: ['group:leads'],
}

const mention = ['slack:usergroup/S0LEADS', 'teams:user/t0/00000000-0000-4000-8000-000000000101']

const facts: RequestFacts = {
  requester: { id: 'carol@example.com', name: 'Carol' },
  account: { platform: 'slack', team: 'T0HOME', user: 'U0CAROL' },
  target: { kind: 'node', cluster: 'dev', name: 'node001' },
  node: 'node001',
  pipeline: [['rm', '/host/var/log/old one.log']],
  can: [
    'write to every file on node001 (that makes it root of node001)',
    'see all processes of node001',
    'run programs of a file system that it reaches (SYS_CHROOT)',
    'change the target',
  ],
  special: [],
  reason: 'disk full',
  image: `a.io/shell:v1@sha256:${'0123456789abcdef'.repeat(4)}`,
}

/** A sample message of every kind that the bot sends. */
export const sampleMessages: readonly Message[] = [
  { kind: 'help', title: 'Help', text: 'What can be typed', examples: [{ command: 'nodes', about: 'what there is' }] },
  { kind: 'misunderstood', message: 'There is no tool digg', typed: 'shell n digg', suggestion: 'shell n dig' },
  { kind: 'refused', message: 'Not allowed', wayOut: 'ask #platform', typed: 'shell n dig x' },
  { kind: 'listing', title: 'Nodes', columns: ['node', 'os'], rows: [['node001', 'linux']], note: 'all of them' },
  {
    kind: 'asking',
    run: { ...card, actions: ['approve', 'approve-window', 'deny', 'cancel', 'show'] },
    state: 'pending',
    facts,
    missing: { count: 1, of: ['group:leads'] },
    window: 1_800,
    reviews: [review],
    expiresAt: at,
    hash: '0123456789ab',
  },
  { kind: 'confirm', run: 'abcdefgh2345', who: 'Bob', link: 'https://retina.example.com/confirm#x' },
  { kind: 'link', run: 'abcdefgh2345', who: 'Bob', link: 'https://retina.example.com/runs/abcdefgh2345#x' },
  { kind: 'glass-broken', run: card, facts: { ...facts, reason: 'the shop is down' }, mention },
  { kind: 'queued', run: card, note: 'three wait before it' },
  { kind: 'starting', run: card },
  { kind: 'running', run: card, output: outputOf('PING 10.0.0.1\n64 bytes'), elapsed: 2 },
  endedWith('5 packets transmitted'),
  {
    ...endedWith('5 packets transmitted'),
    run: { ...card, actions: ['rerun', 'rerun-with', 'end', 'show'], kept: { seconds: 300, what: 'node' } },
  },
  {
    ...endedWith('5 packets transmitted, 4 received'),
    insight: loss,
  },
  {
    ...endedWith(''),
    end: { reason: 'failed', exitCode: 2, complete: false, at, message: 'the end was not received' },
    hint: 'try again',
    file: 'abcdefgh2345.txt',
  },
  {
    kind: 'output',
    run: 'abcdefgh2345',
    what: 'iptables -nvL on node/node001',
    text: 'DROP all',
    page: 1,
    pages: 3,
    lines: 900,
    found: 900,
  },
  fanOut,
  {
    kind: 'trouble',
    message: 'Nothing was run. Try again.',
    typed: 'shell node001 dig example.com',
    reference: 'abcdefgh2345',
  },
  { kind: 'standing-use', run: card, facts, under: 'zyxwvuts2345', reviews: [review], until: at, mention },
  { kind: 'decided', run: { ...card, actions: [] }, facts, decision: 'approved', reviews: [review], mention },
  {
    ...{ kind: 'decided', run: { ...card, actions: [] }, facts, decision: 'denied' },
    reviews: [{ ...review, verdict: 'deny', reason: 'not before the backup' }],
    mention: ['slack:user/T0HOME/U0CAROL'],
  },
  // A run in a channel: its message there, and the one in the thread.
  { kind: 'queued', part: 'root', run: card, note: 'One run is ahead of it.' },
  { kind: 'running', part: 'root', run: card, output: outputOf('PING 10.0.0.1\n64 bytes'), elapsed: 2 },
  { kind: 'running', part: 'thread', run: card, output: outputOf('PING 10.0.0.1\n64 bytes'), elapsed: 2 },
  ...inBothParts({ ...endedWith('5 packets transmitted, 4 received'), insight: loss }),
  ...inBothParts(endedWith('93.184.215.14')),
  ...inBothParts({
    ...endedWith('Ncat: Connection refused.'),
    end: { reason: 'failed', exitCode: 1, complete: true, at },
    hint: 'The host answers, but nothing listens on that port.',
  }),
  {
    ...endedWith(''),
    part: 'root',
    end: { reason: 'refused', complete: true, at, message: 'denied by Bob: not during the release' },
    duration: 0,
  },
  {
    ...{ kind: 'session', until: '2026-11-24T04:00:00.000Z', minutes: 55, idle: 600 },
    run: { ...card, command: 'bash', added: [], set: 'host-shell', deadline: 3_600, actions: ['open', 'end', 'show'] },
  },
  {
    ...{ kind: 'session', until: '2026-11-24T04:00:00.000Z', minutes: 0, idle: 600, duration: 312 },
    run: { ...card, command: 'bash', added: [], set: 'host-shell', deadline: 3_600, actions: ['show'] },
    end: { reason: 'canceled', complete: true, at, message: 'Carol ended it' },
    output: { bytes: 1_234, sha256: 'a'.repeat(64) },
  },
  {
    ...{ kind: 'session', until: '2026-11-24T04:00:00.000Z', minutes: 0, idle: 600, duration: 312 },
    run: { ...card, command: 'bash', added: [], set: 'host-shell', deadline: 3_600, actions: ['replay', 'show'] },
    end: { reason: 'completed', complete: true, at, exitCode: 0 },
    output: { bytes: 1_234, sha256: 'a'.repeat(64) },
    recording: { events: 56, bytes: 1_234, hash: 'b'.repeat(64), expiresAt: '2026-12-24T04:00:00.000Z' },
  },
  {
    ...{ kind: 'replay-link', run: 'abcdefgh2345', who: 'Carol', target: 'node/node001' },
    link: 'https://chatops.example.com/t/replay/abcdefgh2345#token',
  },
  {
    ...{ kind: 'session-link', run: 'abcdefgh2345', who: 'Carol', target: 'node/node001', set: 'plain-shell' },
    ...{ link: 'https://chatops.example.com/t/abcdefgh2345#token', more: ['host-shell'] },
  },
  { ...fanOut, part: 'root' },
  { ...fanOut, part: 'thread' },
  ...triageMessages,
  ...alertMessages,
  timelineMessage,
]
