import { expect, test } from '@jest/globals'
import { playbookNames } from '#src/app/playbooks'
import { parsePlaybook } from '#src/playbooks/load'

/** Returns a playbook with one check. */
const withCheck = (lines: string) => `playbook: mine
title: Mine
for: node
checks:
  one:
    title: one
${lines
  .split('\n')
  .map((line) => `    ${line}`)
  .join('\n')}
`

const mistakesOf = (text: string): string[] => {
  const loaded = parsePlaybook(text, playbookNames)
  return 'mistakes' in loaded ? loaded.mistakes.map(({ line, column, message }) => `${line}:${column} ${message}`) : []
}

const reading = 'read: { nstat: true, value: TcpOutSegs }\nwarn: { above: 0 }'

test('a check is read with its defaults', () => {
  const loaded = parsePlaybook(withCheck(`run: [nstat -as TcpOutSegs]\n${reading}`), playbookNames)
  expect(loaded).toMatchObject({
    playbook: {
      name: 'mine',
      checks: [{ name: 'one', run: [['nstat', '-as', 'TcpOutSegs']], times: 1, specificity: 2 }],
    },
  })
})

test.each([
  ['sysctl -w net.ipv4.ip_forward=1', /may change its target, and a check only reads/],
  ['iptables -F', /may change its target/],
  ['ip route add default via 192.0.2.1', /may change its target/],
  ['chroot /host systemctl restart kubelet', /may change its target/],
  ['ip -n other link', /special argument/],
  ['bash -c id', /./],
  ['nosuchtool', /there is no tool "nosuchtool"/],
  ['api nodes', /is not a command; say "api: nodes"/],
])('a playbook with `%s` is refused at its place', (command, message) => {
  const [mistake = '', ...more] = mistakesOf(withCheck(`run: [${command}]\n${reading}`))
  expect(mistake).toMatch(message)
  expect(mistake).toMatch(/^7:11 /)
  expect(more).toEqual([])
})

test.each([
  ['run: [nstat -as x]\nread: { nstat: true, value: a +/ b }\nwarn: { above: 0 }', /^8:33 .*is no expression/],
  ['run: [nstat -as x]\nread: { with: nosuch, value: a }\nwarn: { above: 0 }', /^8:19 there is no reader "nosuch"$/],
  ['run: [nstat -as x]\nread: { nstat: true, pairs: true, value: a }\nwarn: { above: 0 }', /needs exactly one reader/],
  ['run: [nstat -as x]\nread: { nstat: true, value: a }', /can never find anything/],
  ['run: [nstat -as x]\nread: { nstat: true, value: a }\nwarn: { over: 1 }', /^9:13 there is no "over" here/],
  ['run: [nstat -as x]\nread: { nstat: true, value: a }\nwarn: { say: x }', /compares nothing/],
  ['run: ["nstat $(id)"]\nread: { nstat: true, value: a }\nwarn: { above: 0 }', /signs of a shell/],
  ['run: [[dig, { fact: nosuch }]]\nread: { tool: true, value: a }\nwarn: { above: 0 }', /fact/],
  ['run: [[dig, { fact: each }]]\nread: { tool: true, value: a }\nwarn: { above: 0 }', /does not say "each"/],
  ['api: nodes\nrun: [nstat -as x]\nread: { nstat: true, value: a }\nwarn: { above: 0 }', /either "run" or "api"/],
  ['api: secrets\nread: { tool: true, value: a }\nwarn: { above: 0 }', /^7:10 /],
  ['run: [nstat -as x]\ntwice: 5m\nread: { nstat: true, value: a }\nwarn: { above: 0 }', /must be seconds/],
  ['run: [nstat -as x]\nexplains: [one]\nread: { nstat: true, value: a }\nwarn: { above: 0 }', /names itself/],
])('a mistake is said with its place: %s', (lines, message) => {
  expect(mistakesOf(withCheck(lines)).join('\n')).toMatch(message)
})

test('a file that is no YAML, or empty, is a mistake too', () => {
  expect(mistakesOf('a: [').length).toBeGreaterThan(0)
  expect(mistakesOf('').length).toBeGreaterThan(0)
})
