import { expect, test } from '@jest/globals'
import { admissionScope } from '#src/app/admission-objects'
import { knownNames } from '#src/app/policy-file'
import { parseConfig } from '#src/config/load'
import { compareScopes } from '#src/kubernetes/admission/compare-scopes'
import { parseScope, scopeText } from '#src/kubernetes/admission/stored-scope'
import { expectValid } from '#test/config/expect-valid'

const sets = `
capabilitySets:
  probe: { tools: [ping] }
  netfilter: { tools: [iptables], capabilities: [NET_ADMIN, NET_RAW] }
  host-read: { tools: [cat], capabilities: [SYS_CHROOT], host: { filesystem: read-only, pid: true }, maxDeadline: 5m }
`

function scopeOf(change: (text: string) => string = (text) => text) {
  const text = `clusters: [{ name: dev }]\nshell: { image: { repo: a.io/shell, version: v1 } }\n${sets}`
  const loaded = expectValid(parseConfig(change(text), {}, knownNames()))
  const scope = parseScope(scopeText(admissionScope(loaded.config, ['nobody'])))
  if (scope === undefined) throw new Error('no scope')
  return scope
}

const nothing = { wider: [], narrower: [], settings: [] }

test('the same file, and one that differs in what the cluster doesn’t see, give no difference', () => {
  expect(compareScopes(scopeOf(), scopeOf())).toEqual(nothing)
  const others = scopeOf((text) => `${text.replace('[ping]', '[ping, dig]')}contact: somebody\n`)
  expect(compareScopes(scopeOf(), others)).toEqual(nothing)
  const renamed = scopeOf((text) => text.replace('netfilter:', 'filters:'))
  expect(compareScopes(scopeOf(), renamed)).toEqual(nothing)
})

const more: [string, string, string, string][] = [
  [
    'a capability',
    '[NET_ADMIN, NET_RAW]',
    '[NET_ADMIN, NET_RAW, SYS_PTRACE]',
    '"netfilter" there also gives SYS_PTRACE',
  ],
  [
    'the disk, writable',
    'filesystem: read-only, pid: true }',
    'filesystem: read-write, pid: true }, effect: write',
    `"host-read" there also gives the node's disk read-write`,
  ],
  ['a longer deadline', 'maxDeadline: 5m', 'maxDeadline: 10m', '"host-read" there also gives deadlines up to 600 s'],
  [
    'another image',
    'tools: [ping] }',
    'tools: [ping], images: ["b.io/*"] }',
    '"probe" there also gives the image b.io/*',
  ],
  [
    'no seccomp',
    'tools: [ping] }',
    'tools: [ping], unconfined: [seccomp] }',
    '"probe" there also gives seccomp unconfined',
  ],
  [
    'a new set',
    'capabilitySets:',
    'capabilitySets:\n  admin: { tools: [ip], capabilities: [SYS_ADMIN] }',
    '"admin" there also gives all that it has',
  ],
]

test.each(more)(
  'a policy in force that also allows %s is wider; seen from the other side, narrower',
  (_name, from, to, what) => {
    const other = scopeOf((text) => text.replace(from, to))
    expect(compareScopes(other, scopeOf())).toEqual({ ...nothing, wider: [what] })
    expect(compareScopes(scopeOf(), other)).toEqual({ ...nothing, narrower: [what.replace('also gives', 'lacks')] })
  },
)

test.each([
  ['shell.image', 'version: v1', 'version: v2'],
  ['shell.namespace', 'version: v1 }', 'version: v1 }, namespace: other'],
  ['shell.masked', 'version: v1 }', 'version: v1 }, masked: []'],
  ['shell.keep and shell.keepInPods', 'version: v1 }', 'version: v1 }, keep: off, keepInPods: off'],
  ['shell.maxOutputBytes', 'version: v1 }', 'version: v1 }, maxOutputBytes: 2000'],
  ['shell.uidRange', 'version: v1 }', 'version: v1 }, uidRange: 1000620000/10000'],
])('a difference in %s is named', (key, from, to) => {
  expect(
    compareScopes(
      scopeOf((text) => text.replace(from, to)),
      scopeOf(),
    ),
  ).toEqual({ ...nothing, settings: [key] })
})

test.each(['', 'no JSON', '{}', '{"policy":{"sets":{}},"accounts":[]}', 'null'])('%j is no scope', (text) => {
  expect(parseScope(text)).toBeUndefined()
})
