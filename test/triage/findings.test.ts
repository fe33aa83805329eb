import { expect, test } from '@jest/globals'
import { findingsIn, resultTable } from './faults/findings.ts'

const text = `node002: No route leads out of the node: Network is unreachable
1. node002: No route leads out of the node: Network is unreachable
   FAIL route-default, surely; explains api-server
   $ ip route get 1.1.1.1
   RTNETLINK answers: Network is unreachable
   Next: ip route

2. node002: A queueing discipline limits the node's link host0: tbf
   WARN link-shaped, perhaps
   $ ip -d -j -p link
        "qdisc": "tbf",
1 failed, 1 to watch, 28 good`

test('findings are read from the message of a triage, with their evidence', () => {
  const findings = findingsIn(text)
  expect(findings).toMatchObject([
    { check: 'route-default', evidence: 'RTNETLINK answers: Network is unreachable' },
    { check: 'link-shaped', said: "node002: A queueing discipline limits the node's link host0: tbf" },
  ])
  expect(findings[1]?.evidence).toContain('"qdisc": "tbf"')
  expect(findingsIn('Nothing found by 40 checks on node/node002')).toEqual([])
})

test('the table says how many faults are found first', () => {
  const one = { name: 'a|b', seen: 'ping', first: 'gone', check: 'route-default', place: 1, seconds: 2, text: '' }
  const table = resultTable([one, { ...one, place: 3 }, { ...one, place: 0 }])
  expect(table).toContain('3 faults: 1 are the first finding, 2 among the first three.')
  expect(table).toContain('| a\\|b | ping | `route-default`: gone | not found | 2.0 |')
})
