import { expect, test } from '@jest/globals'
import { knownNames } from '#src/app/policy-file'
import { parseConfig } from '#src/config/load'

const file = (set: string, more = '') => `
clusters: [{ name: dev }]
shell: { image: { repo: a.io/shell, version: v1 } }
${more}
capabilitySets:
  base: { terminal: shell, maxSession: 2h, idle: 5m, capabilities: [NET_ADMIN], approval: { from: ['a@example.com'] } }
  x: { ${set} }
`

function remarks(set: string, more?: string): string[] {
  const loaded = parseConfig(file(set, more), {}, knownNames())
  if ('mistakes' in loaded) return loaded.mistakes.map(({ message }) => `mistake: ${message}`)
  return loaded.warnings.map(({ message }) => `warning: ${message}`)
}

test.each([
  ['terminal: shell', []],
  ['terminal: shell, deny: unenforced', [/^warning: a shell of "x" on a node reaches what the policy denies/]],
  ['terminal: shell, capabilities: [NET_RAW]', []],
  ['terminal: shell, capabilities: [NET_ADMIN]', [/^mistake: .*change the network of its node.*needs "approval"/]],
  ['terminal: shell, capabilities: [SYS_ADMIN]', [/^mistake: .*become root on its node/]],
  ['terminal: shell, capabilities: [SYS_MODULE]', [/^mistake: .*become root on its node/]],
  [
    'terminal: shell, host: { filesystem: read-only }',
    [/^mistake: .*become root on its node: it can start systemd units/],
  ],
  ['terminal: shell, host: { pid: true }', [/^mistake: .*become root/]],
  ['terminal: shell, capabilities: [NET_ADMIN], approval: none', [/^warning: .*nobody approves that/]],
  ['terminal: shell, capabilities: [NET_ADMIN], approval: { from: ["a@example.com"] }', []],
  ['tools: [ping], approval: none', [/^mistake: "approval: none" is for shells/]],
  ['tools: [ping], deny: unenforced', [/^mistake: "deny: unenforced" is for shells/]],
  ['tools: [ping], idle: 5m', [/^mistake: "idle" is for shells; add "terminal: shell"/]],
  ['terminal: none', [/^mistake: "x" has no tools/]],
  ['terminal: shell, maxSession: 13h', [/^mistake: a session lasts at most 12h/]],
  ['terminal: shell, maxSession: 5m, idle: 10m', [/^mistake: the idle limit is longer/]],
  ['terminal: guided', [/^mistake: .*terminal/]],
  ['terminal: shell, maxRecording: 10', [/^mistake: .*maxRecording/]],
  ['terminal: shell, recordInput: all', [/^mistake: .*recordInput/]],
  ['extends: [base], approval: none', [/"approval: none" does not remove that/]],
  ['extends: [base]', []],
])('%s', (set, expected) => {
  expect(remarks(set)).toEqual(expected.map((each) => expect.stringMatching(each)))
})

test('a shell’s page is reached by https, or on this machine', () => {
  expect(remarks('terminal: shell', 'terminal: { url: "http://chatops.example.com" }')).toEqual([
    expect.stringMatching(/must begin with https/),
  ])
  expect(remarks('terminal: shell', 'terminal: { url: "http://localhost:8080" }')).toEqual([])
  expect(remarks('terminal: shell', 'terminal: { url: "https://chatops.example.com" }')).toEqual([])
})

test.each([
  ['https://chatops.example.com', 'https://chatops.example.com', []],
  ['https://example.com', 'https://chatops.example.com', []],
  ['https://a.example.com', 'https://b.example.com', [/^mistake: .*has to be a\.example\.com or end with/]],
  ['https://ops.example.com', 'https://chatops.example.com', [/^mistake: .*opens with a passkey/]],
])('a passkey added at %s opens a shell at %s only where browsers offer it', (confirm, terminal, expected) => {
  const addresses = `confirm: { url: "${confirm}" }\nterminal: { url: "${terminal}" }`
  expect(remarks('extends: [base], approval: { from: ["a@example.com"], confirm: passkey }', addresses)).toEqual(
    expected.map((each) => expect.stringMatching(each)),
  )
})

test('the rule of a set is that of the set that it extends, with its own words', () => {
  const loaded = parseConfig(file('extends: [base], maxSession: 30m'), {}, knownNames())
  if ('mistakes' in loaded) throw new Error(JSON.stringify(loaded))
  expect(loaded.config.policy.sets.find(({ name }) => name === 'x')?.terminal).toEqual({
    ...{ maxSession: 1_800, idle: 300, recordInput: 'none' },
    ...{ maxRecording: 67_108_864, retention: 2_592_000 },
  })
})
