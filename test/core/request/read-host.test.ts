import { expect, test } from '@jest/globals'
import { bitsOf } from '#core/request/address-bits'
import { findMentions, readAnyWord } from '#core/request/find-hosts-in-argument'
import { isHost, matchesDestination } from '#core/request/match-destination'
import { readHost } from '#core/request/read-host'
import { resolveDestinations, toDestinationRule } from '#core/request/resolve-destinations'
import { tooFastGrowth } from '#test/redteam/growth'

test.each([
  ['http://user:secret@example.com:80/a?b', 'url', 'http://example.com:80/a?b', ['example.com']],
  ['EXAMPLE.com.', 'url', 'EXAMPLE.com.', ['example.com']],
  ['faß.example', 'international', 'faß.example', ['xn--fa-hia.example', 'fass.example']],
  ['web:8080', 'host', 'web:8080', ['web']],
  ['10.0.0.10#53', 'server', '10.0.0.10#53', []],
] as const)('%s as %s is read as %s with the names %j', (word, notation, shown, names) => {
  expect(readHost(word, notation)).toMatchObject({ word: shown, names, many: false })
})

test.each([
  ['http://a@b@c/', 'url'],
  ['http:/x/', 'url'],
  ['http://a%zz/', 'url'],
  ['http://[::1', 'url'],
  ['a b', 'host'],
  ['%61', 'host'],
  ['ü.example', 'host'],
  ['10.0.0.1-9', 'network'],
  ['example.com/24', 'network'],
] as const)('T12 of %s as %s, no host is known for sure', (word, notation) => {
  expect(readHost(word, notation)).toMatchObject({ many: true, why: expect.any(String) })
})

test('a password before a host stands in no part of what is kept', () => {
  expect(JSON.stringify(readHost('http://user:secret@example.com/', 'url'))).not.toContain('secret')
})

test('T12 an IPv6 network has the IPv4 network that it embeds, and a host has both loopback addresses for one', () => {
  const rule = toDestinationRule('169.254.169.254')
  if (rule === undefined) throw new Error('no rule')
  expect(isHost(readHost('::ffff:169.254.0.0/112', 'network'), rule)).toBe(true)
  expect(isHost(readHost('::ffff:169.253.0.0/112', 'network'), rule)).toBe(false)
  expect(bitsOf('127.9.9.9')).toEqual(expect.arrayContaining(bitsOf('::1')))
})

test('T12 a failed look-up counts until the next one, and a name that is only mentioned is not looked up', async () => {
  const rule = toDestinationRule('10.0.0.1')
  if (rule === undefined) throw new Error('no rule')
  const asked: string[] = []
  const fails = async (name: string) => {
    asked.push(name)
    throw new Error('SERVFAIL')
  }
  const destinations = [readHost('a.example', 'host'), ...findMentions('b.example')]
  const failed = await resolveDestinations(destinations, fails)
  expect(asked).toEqual(['a.example'])
  expect(failed.map((each) => matchesDestination(each, rule))).toEqual([true, false])
  const again = await resolveDestinations(failed, async () => ['192.0.2.1'])
  expect(again.map((each) => matchesDestination(each, rule))).toEqual([false, false])
})

test.each(['%', '%25', '%61', 'a.', '1.', ':', 'ü', '\u00ad', '@', '[', '-', 'a-', '0x', 'http://', 'é.'])(
  'time to read hosts in repetitions of %j grows with their length at most',
  (unit) => {
    const read = (count: number) => () => {
      const word = unit.repeat(count)
      for (const notation of ['url', 'host', 'network'] as const) readHost(word, notation)
      findMentions(word)
      readAnyWord(word)
    }
    read(500)()
    expect(tooFastGrowth(read, { from: 1_000, to: 8_000 })).toBeUndefined()
  },
)
