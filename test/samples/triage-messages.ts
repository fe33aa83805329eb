import type { FanOut } from '#core/fan-out/fan-out'
import type { Message } from '#core/messages/message'
import type { CheckResult, TargetResults } from '#core/triage/check-result'
import type { Severity } from '#core/triage/playbook'
import { triageMessage } from '#core/triage/triage-message'
import { playbooks } from '#src/app/playbooks'

/** Checks of the usual playbooks for a node. */
const checks = ['node-network', 'node-health', 'dns'].flatMap((name) =>
  (playbooks.get(name)?.checks ?? [])
    .filter(({ where }) => where !== 'pod')
    .map((check) => ({ playbook: name, check })),
)

type Found = Pick<CheckResult, 'status'> & Partial<CheckResult>

/** A check that Carol may not run. */
const notAllowed = 'conntrack-log'

/** Returns what all checks that she may run find on a target: nothing, but for these. */
function resultsOf(target: string, found: Readonly<Record<string, Found>>): TargetResults {
  const allowed = checks.filter(({ check }) => check.name !== notAllowed)
  const results = allowed.map(({ playbook, check }): CheckResult => {
    const name = { playbook, check: check.name }
    return { ...name, status: 'ok', ...found[check.name] }
  })
  return { target, results }
}

/** Returns the message of a triage that is over. `where`: the targets as text. */
function ended(id: string, where: string, known: readonly TargetResults[], before?: readonly TargetResults[]): Message {
  const fanOut: FanOut = {
    ...{ id, where, known, by: { id: 'carol@example.com', name: 'Carol' } },
    account: { platform: 'slack', team: 'T', user: 'U0CAROL' },
    command: 'triage',
    typed: { text: `triage ${where}`, entities: false },
    // One node was not reached.
    members: known.flatMap(({ target, results }) => (results.length === 1 ? [{ run: target, target }] : [])),
    skipped: [],
    message: { platform: 'slack', team: 'T', channel: 'C', message: '1' },
    triage: {
      playbooks: ['node-network', 'node-health', 'dns'],
      cluster: 'dev',
      targets: known.map(({ target }) => target),
      known,
      uncovered: [{ check: notAllowed, sets: ['triage'] }],
    },
    at: 0,
  }
  const said = 'its pod did not start in 30 seconds'
  const outcomes = new Map(fanOut.members.map(({ run }) => [run, { reason: 'start-timeout' as const, said }]))
  const message = triageMessage(fanOut, outcomes, playbooks, before)
  if (message === undefined) throw new Error('it is no triage')
  return { ...message, actions: ['rerun', 'link'], file: `${id}.txt` }
}

const notHere: Readonly<Record<string, Found>> = {
  clock: { status: 'unknown', said: 'there is no chronyc here' },
  'iptables-mixed': { status: 'unknown', said: 'there is no iptables-legacy-save here' },
}

const noRoute: Readonly<Record<string, Found>> = {
  ...notHere,
  'route-default': {
    status: 'fail',
    said: 'No route leads out of the node: Network is unreachable',
    command: 'ip route get 1.1.1.1',
    evidence: 'RTNETLINK answers: Network is unreachable',
  },
  'dns-upstream': {
    status: 'fail',
    said: 'No name server of the node answers: no servers could be reached',
    command: 'dig +time=2 +tries=1 . NS',
    evidence: ';; no servers could be reached',
  },
  'drop-rules': {
    status: 'warn',
    said: 'Rules drop packets: 3 a second; the most by DROP in FORWARD',
    command: 'iptables -nvxL',
    evidence:
      '     812    48720 DROP       all  --  *      *       0.0.0.0/0            0.0.0.0/0            ctstate INVALID',
  },
}

const nodes = (count: number) =>
  Array.from({ length: count }, (_none, at) => `node/node${String(at + 1).padStart(3, '0')}`)

const lossCommand = 'nstat -asz TcpRetransSegs TcpOutSegs'

/** Nodes of which one has a small MTU, some lose packets, and one was not reached. */
export const manyTargets = (count: number): TargetResults[] =>
  nodes(count).map((name, at) => {
    if (at === 7) {
      const [playbook, check, command] = ['node-health', 'node-conditions', 'api nodes']
      const said = 'The node says of itself: Ready, NodeStatusUnknown, Kubelet stopped posting node status.'
      const evidence = '"reason": "NodeStatusUnknown",'
      return { target: name, results: [{ playbook, check, command, status: 'fail', said, evidence }] }
    }
    const bytes = at === 3 ? 1_400 : 1_500
    const mtu: Found = { status: 'ok', value: bytes, command: 'ip -d -j -p link', evidence: `"mtu": ${bytes},` }
    const loss = (share: number, severity: Severity): Found => ({
      status: severity,
      said: `${share} % of the TCP segments were sent again${severity === 'fail' ? ': packets get lost' : ''}`,
      command: lossCommand,
      evidence: `TcpOutSegs                      10000              0.0\nTcpRetransSegs                  ${share * 100}                0.0`,
    })
    const retransmits: Found = at % 9 === 4 ? loss(7.2, 'fail') : at % 7 === 2 ? loss(2.1, 'warn') : { status: 'ok' }
    return resultsOf(name, { ...notHere, 'link-mtu': mtu, retransmits })
  })

/** Triages as people see them: nothing found, one fault, some of many targets, and the same again once it is mended. */
export const triageMessages: readonly Message[] = [
  ended('abcdefgh2345', 'node/node001', [resultsOf('node/node001', notHere)]),
  ended('bcdefghi2345', 'node/node001', [resultsOf('node/node001', noRoute)]),
  { ...ended('bcdefghi2345', 'node/node001', [resultsOf('node/node001', noRoute)]), part: 'root' } as Message,
  ended('cdefghij2345', 'nodes with pool=web', manyTargets(12)),
  ended('defghijk2345', 'node/node001', [resultsOf('node/node001', notHere)], [resultsOf('node/node001', noRoute)]),
]
