import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { viewText } from '#core/output/output-view'
import { createRedactor, hideSecrets, redactionsIn } from '#core/output/redact'
import { sanitise } from '#core/output/sanitise'
import { createTranscript } from '#core/output/transcript-builder'
import { finishedText } from '#test/samples/finished-text'
import { secretTexts } from './secrets/measure.ts'

const redact = (line: string) => createRedactor().line(line)

// Invented values in the format of real secrets.
const jwt = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U'

test.each([
  ['Authorization: Bearer abcdef.ghijkl', 'Authorization: Bearer [redacted: token]'],
  [`cookie ${jwt} end`, 'cookie [redacted: token] end'],
  ['id AKIAIOSFODNN7EXAMPLE x', 'id [redacted: cloud key] x'],
  ['aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY', 'aws_secret_access_key = [redacted: cloud key]'],
  [`key AIza${'A'.repeat(35)}`, 'key [redacted: cloud key]'],
  [`AccountName=x;AccountKey=${'a'.repeat(40)}==;`, 'AccountName=x;AccountKey=[redacted: cloud key];'],
  [`https://x.blob/y?sv=1&sig=${'a'.repeat(30)}&se=2`, 'https://x.blob/y?sv=1&sig=[redacted: secret]&se=2'],
  ['    client-key-data: LS0tLS1CRUdJTg==', '    client-key-data: [redacted: secret]'],
  [`    token: ${'a'.repeat(20)}`, '    token: [redacted: token]'],
  ['root:$6$salt$hashhashhash:19000:0:99999:7:::', 'root:[redacted: password hash]:19000:0:99999:7:::'],
  ['db_password=hunter2 next', 'db_password=[redacted: password] next'],
  ['"password": "hunter 2",', '"password": "[redacted: password]",'],
  ['postgres://user:hunter2@db/x', 'postgres://user:[redacted: password]@db/x'],
  ['API_KEY=abc SLACK_TOKEN=def', 'API_KEY=[redacted: secret] SLACK_TOKEN=[redacted: token]'],
  ['x xoxb-1234567890-abcdefghij', 'x [redacted: token]'],
  [`ghp_${'a'.repeat(36)}`, '[redacted: token]'],
  ['SharedAccessKey=abcdefghijklmnopqrstuvwx', 'SharedAccessKey=[redacted: secret]'],
  ['{"k":"-----BEGIN PRIVATE KEY-----\\nMIIE\\n-----END PRIVATE KEY-----\\n"}', '{"k":"[redacted: private key]\\n"}'],
])('T25 %s', (line, expected) => {
  expect(redact(line)).toBe(expected)
})

test.each([
  'Chain INPUT (policy ACCEPT 1191K packets, 346M bytes)',
  '64 bytes from 10.224.0.4: icmp_seq=1 ttl=64 time=0.964 ms',
  'example.com. 300 IN TXT "v=spf1 -all"',
  '-----BEGIN CERTIFICATE-----',
  'nameserver 168.63.129.16',
  'root:x:0:0:root:/root:/bin/bash',
  'https://example.com:8443/path',
  'Token ring is not supported; the secret of success',
])('text without a secret isn’t changed: %s', (line) => {
  expect(redact(line)).toBe(line)
})

test('T25 a private key over many lines is redacted completely, and the text after it is shown', () => {
  const redactor = createRedactor()
  const lines = [
    'before',
    '-----BEGIN RSA PRIVATE KEY-----',
    'MIIEowIBAAKCAQEA',
    'x'.repeat(64),
    '-----END RSA PRIVATE KEY-----',
    'after',
  ]
  expect(lines.map(redactor.line)).toEqual(['before', '[redacted: private key]', '', '', '', 'after'])
  const unfinished = createRedactor()
  const shown = ['-----BEGIN PRIVATE KEY-----', 'MIIE', 'a sentence (with brackets) ends it'].map(unfinished.line)
  expect(shown).toEqual(['[redacted: private key]', '', 'a sentence (with brackets) ends it'])
})

test('T25 a secret that is split over two chunks, or has colours in it, is redacted, and counted', () => {
  const transcript = createTranscript((open) => createRedactor(['ACME-[0-9]{4}'], open))
  const chunk = (text: string) => ({ stream: 'stdout' as const, text })
  for (const text of ['pass', 'word=hun', 'ter2\nid ACME-1234\n\u001b[31mpass\u001b[0mword=x\n'])
    transcript.add(chunk(text))
  expect(transcript.view(1_000).redacted).toBe(3)
  const text = finishedText(transcript)
  expect(text).toBe('password=[redacted: password]\nid [redacted: by policy]\npassword=[redacted: password]\n')
  expect(viewText(text, 1_000).redacted).toBe(3)
  expect(redactionsIn('nothing')).toBe(0)
})

test('T25 an incomplete line is redacted like a complete one, by the owner’s patterns and inside a key', () => {
  const transcript = createTranscript((open) => createRedactor(['ACME-[0-9]{4}'], open))
  const chunk = (text: string) => ({ stream: 'stdout' as const, text })
  transcript.add(chunk('id ACME-1234'))
  expect(transcript.view(100).tail).toBe('id [redacted: by policy]')
  transcript.add(chunk('\n-----BEGIN PRIVATE KEY-----\nMIIEowIBAAKCAQEA'))
  expect(transcript.view(100).tail).not.toContain('MIIE')
  transcript.add(chunk('AAAA\n-----END PRIVATE KEY-----\nafter'))
  expect(finishedText(transcript)).toBe('id [redacted: by policy]\n[redacted: private key]\n\n\nafter')
})

test('T25 long lines are redacted in bounded time', () => {
  const started = process.cpuUsage().user
  for (const piece of [
    'a',
    'password',
    '-----BEGIN ',
    'eyJ',
    '://a:',
    '=',
    'token=',
    '$6$',
    'a.',
    'a-',
    'eyJ-',
    'eyJaaaaaaaa.',
  ])
    redact(piece.repeat(50_000))
  // A generous bound, not a measurement: a pattern with catastrophic backtracking would take minutes.
  expect((process.cpuUsage().user - started) / 1e6).toBeLessThan(30)
})

test('T25 secrets are hidden the same in whole texts, line by line and in any chunks', () => {
  const texts = secretTexts(2).map(({ text }) => sanitise(text))
  const whole = texts.map((text) => createRedactor().lines(`${text}\n`))
  const inLines = texts.map((text) => `${text.split('\n').map(createRedactor().line).join('\n')}\n`)
  expect(inLines).toEqual(whole)
  fc.assert(
    fc.property(
      fc.shuffledSubarray(secretTexts(3), { minLength: 3, maxLength: 8 }),
      fc.array(fc.nat(400)),
      (some, cuts) => {
        const text = some.map((each) => each.text).join('\n')
        const cut = createTranscript()
        let at = 0
        for (const length of cuts) {
          cut.add({ stream: 'stdout', text: text.slice(at, at + length) })
          at += length
        }
        cut.add({ stream: 'stdout', text: text.slice(at) })
        const uncut = createTranscript()
        uncut.add({ stream: 'stdout', text })
        expect(finishedText(cut)).toBe(finishedText(uncut))
      },
    ),
    { numRuns: 100 },
  )
})

test('T25 what is hidden once stays as it is', () => {
  const texts = secretTexts(4).map(({ text }) => hideSecrets(text))
  expect(texts.map(hideSecrets)).toEqual(texts)
})

test.each([
  [
    '0x prefixed keys of ip xfrm',
    '\tenc cbc(aes) 0x00112233445566778899aabbccddeeff',
    '\tenc cbc(aes) [redacted: key]',
  ],
  [
    'a reference beside a secret',
    'password: $DB_PASSWORD token=a1B2c3D4e5F6',
    'password: $DB_PASSWORD token=[redacted: token]',
  ],
  ['JSON in JSON', '{"a":"{\\"password\\":\\"hunter2\\"}"}', '{"a":"{\\"password\\":\\"[redacted: password]\\"}"}'],
  [
    'a cookie of several',
    'Cookie: a=b1c2d3; Path=/; x=y',
    'Cookie: a=[redacted: cookie]; Path=/; x=[redacted: cookie]',
  ],
  [
    'options of a command',
    'curl -u bob:hunter2 -x p:3128 http://a',
    'curl -u bob:[redacted: password] -x p:3128 http://a',
  ],
  ['an address', 'ftp://bob:p@ss@host/x?y@z', 'ftp://bob:[redacted: password]@host/x?y@z'],
  ['visible marks in the name', 'pass⟨U+200B⟩word=hunter2', 'pass⟨U+200B⟩word=[redacted: password]'],
  [
    'a name in lines of a manifest',
    '- name: DB_PASSWORD\n  value: hunter2\n- name: A\n  value: b',
    '- name: DB_PASSWORD\n  value: [redacted: password]\n- name: A\n  value: b',
  ],
  ['a text in base64', 'got eyJ1c2VyIjoiYm9iIiwicGFzc3dvcmQiOiJodW50ZXIyaHVudGVyMiJ9 ok', 'got [redacted: secret] ok'],
  [
    'a key without its armour',
    'k MIIEvQIBADANBgkqhkiG9w0BAQEFAASCMIIEvQIBADANBgkqhkiG9w0BAQEFAASC x',
    'k [redacted: private key] x',
  ],
  [
    'data of a Secret',
    'data:\n  line: czNjcjN0LWxpbmU=\nkind: Secret',
    'data:\n  line: [redacted: secret]\nkind: Secret',
  ],
  ['default passwords', 'password: changeme', 'password: [redacted: password]'],
])('T25 only the secret is hidden: %s', (_name, text, shown) => {
  expect(hideSecrets(text)).toBe(shown)
})
