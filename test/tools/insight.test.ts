import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import type { ToolOutput } from '#core/request/insight'
import { tools } from '#src/tools/index'

const fixtures = join(import.meta.dirname, '../fixtures')
const at = '2026-11-24T10:00:00Z'

/** Arguments of recorded outputs whose meaning depends on them. */
const asked: Readonly<Record<string, readonly string[]>> = {
  'conntrack/list': ['-L'],
  'conntrack/stats': ['-S'],
  'conntrack/stats-full': ['-S'],
  'conntrack/count': ['-C'],
  'curl/expiring': ['-v'],
  'curl/error-503': ['-i'],
  'curl/fine': ['-i'],
  'curl/http2': ['-i'],
  'curl/tls-insecure': ['-vk'],
  'curl/verbose': ['-v'],
  'curl/timings': [
    '-w',
    'dns: %{time_namelookup}\\nconnect: %{time_connect}\\ntls: %{time_appconnect}\\nfirst byte: %{time_starttransfer}\\ntotal: %{time_total}\\nstatus: %{http_code}\\n',
  ],
  'dig/short': ['+short', 'web.shop.example'],
  'ip/address': ['address'],
  'ip/brief': ['-br', 'address'],
  'ip/link': ['link'],
  'ip/link-down': ['link'],
  'ip/statistics': ['-s', 'link'],
  'ip/route': ['route'],
  'ip/route-no-default': ['route', 'show'],
  'journalctl/errors': ['-p', 'err'],
  'iptables/nat': ['-t', 'nat', '-nvL'],
  'iptables/save': ['-c'],
  'netstat/all': ['-tan'],
  'nslookup/fine': ['web.shop.example'],
  'ss/all': ['-tan'],
  'ss/full-backlog': ['-ltn'],
  'ss/listening': ['-ltn'],
  'ss/processes': ['-tlnp'],
  'ss/unanswered': ['-tan'],
  'sysctl/conntrack': ['-a'],
}

/** Name of each recorded output with its severity and headline; both are null where no insight is shown. */
type Meaning = [name: string, severity: string | null, headline: string | null]
const meanings = JSON.parse(readFileSync(join(fixtures, 'meanings.json'), 'utf8')) as Meaning[]

const readers = tools.flatMap(({ name, insight }) => (insight === undefined ? [] : [{ name, insight }]))

function outputOf(name: string): ToolOutput {
  const [tool = ''] = name.split('/')
  return { text: readFileSync(join(fixtures, `${name}.txt`), 'utf8'), argv: [tool, ...(asked[name] ?? [])], at }
}

function read(name: string, output = outputOf(name)) {
  return readers.find((reader) => reader.name === name.split('/')[0])?.insight(output)
}

describe('insight from a tool’s output', () => {
  test.each(meanings)('%s', (name, severity, headline) => {
    const insight = read(name)
    expect([insight?.severity ?? null, insight?.headline ?? null]).toEqual([severity, headline])
    for (const fact of insight?.facts ?? []) expect(fact.value).not.toMatch(/undefined|NaN|^$/)
  })

  test('every recorded output is in the table, and every tool with an interpreter has one', () => {
    const folders = readdirSync(fixtures, { withFileTypes: true }).filter((each) => each.isDirectory())
    const files = folders.flatMap(({ name }) =>
      readdirSync(join(fixtures, name))
        .filter((file) => file.endsWith('.txt'))
        .map((file) => `${name}/${file.slice(0, -4)}`),
    )
    expect(meanings.map(([name]) => name).sort()).toEqual(files.sort())
    expect(readers.map(({ name }) => name).filter((name) => !folders.some((folder) => folder.name === name))).toEqual(
      [],
    )
  })

  test('the numbers come from the tool’s output', () => {
    expect(read('ping/loss')).toMatchObject({
      facts: [
        { name: 'loss', value: '33 %' },
        { name: 'answered', value: '6 of 9' },
        { name: 'min/avg/max', value: '0.043/0.060/0.074 ms' },
        { name: 'mdev', value: '0.011 ms' },
        // |73-43|, |49-73|, |62-49|, |63-62|, |74-63| microseconds: 79 over 5.
        { name: 'jitter', value: '0.016 ms' },
      ],
      chart: {
        unit: 'ms',
        points: expect.arrayContaining([
          { x: 1, y: 0.043 },
          { x: 2, y: null },
        ]),
      },
    })
    expect(read('curl/timings')?.facts).toContainEqual({ name: 'first byte', value: 'after 801 ms' })
    expect(read('curl/expiring')?.facts).toContainEqual({ name: 'certificate', value: '5 days left' })
    expect(read('dig/truncated')?.facts.map(({ name }) => name)).toContain('truncated')
    expect(read('ip/statistics')?.facts).toContainEqual({
      name: 'errors and drops',
      value: 'eth0 RX 3 errors, 412 dropped',
    })
    expect(read('iperf3/text')?.chart?.points).toEqual([
      { x: 1, y: 12.6 },
      { x: 2, y: 13.8 },
      { x: 3, y: 15.1 },
    ])
  })
})

describe('unrecognised output gives no insight', () => {
  // Tools with similar outputs.
  const alike = [
    ['dig', 'drill', 'nslookup'],
    ['ss', 'netstat'],
  ]

  test.each(readers)('$name doesn’t interpret other tools’ outputs', ({ name, insight }) => {
    const own = alike.find((group) => group.includes(name)) ?? [name]
    const foreign = meanings.map(([file]) => file).filter((file) => !own.includes(file.split('/')[0] ?? ''))
    expect(foreign.filter((file) => insight({ ...outputOf(file), argv: [name] }) !== undefined)).toEqual([])
  })

  test.each(['', '\n', 'sh: ping: not found\n', 'total 0\n', '{}', '{"end":', '12'])(
    'no tool interprets %j',
    (text) => {
      expect(readers.filter(({ name, insight }) => insight({ text, argv: [name], at }) !== undefined)).toEqual([])
    },
  )

  test('two results in one output aren’t summarised as one', () => {
    const { text } = outputOf('dig/fine')
    expect(read('dig/fine', { text: text + outputOf('dig/nxdomain').text, argv: ['dig'], at })).toBeUndefined()
    const twice = outputOf('ping/fine').text
    expect(read('ping/fine', { text: twice + twice, argv: ['ping'], at })).toBeUndefined()
  })

  test('a page with the text of a status line isn’t taken for the server’s status', () => {
    const text = 'hello\nHTTP/1.1 200 OK\n'
    expect(read('curl/fine', { text, argv: ['curl', '-s', 'http://x/'], at })).toBeUndefined()
  })

  test('a UDP port without a response isn’t reported as open or closed', () => {
    const { text } = outputOf('nc/open')
    expect(read('nc/open', { text, argv: ['nc', '-zvu', 'x', '53'], at })).toBeUndefined()
  })

  test('no output makes an interpreter throw, however it was cut or mixed', () => {
    const texts = meanings.map(([name]) => outputOf(name).text)
    const piece = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 200 }),
      fc
        .tuple(fc.constantFrom(...texts), fc.nat(3_000), fc.nat(3_000))
        .map(([text, a, b]) => text.slice(Math.min(a, b), Math.max(a, b))),
    )
    const flags = fc.array(
      fc.constantFrom('-w', '%{http_code}', '%{time_total}%{x}', '-L', '-S', '-p', 'err', 'route', '-u', '('),
      { maxLength: 4 },
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 6 }), flags, (pieces, argv) => {
        for (const { name, insight } of readers) {
          const found = insight({ text: pieces.join(''), argv: [name, ...argv], at })
          if (found !== undefined) expect(JSON.stringify(found)).not.toMatch(/undefined|NaN/)
        }
      }),
      { numRuns: 300 },
    )
  })
})
