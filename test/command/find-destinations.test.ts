import { expect, test } from '@jest/globals'
import { findDestinations, findDetours } from '#src/command/find-destinations'
import { catalogue } from '#src/tools/index'
import { tooFastGrowth } from '#test/redteam/growth'

const lookUp = (name: string) => catalogue.tool(name)
const call = (line: string) => ({ argv: line.split(' '), tool: lookUp(line.split(' ')[0] ?? '') })

test('T12 hosts of a tool are looked up, and hosts that its other words mention are not', () => {
  const found = findDestinations(call('curl -H Host:shop.example http://web.example/'), lookUp)
  expect(found.filter(({ mentioned }) => !mentioned)).toMatchObject([{ names: ['web.example'] }])
  expect(found.filter(({ mentioned }) => mentioned).flatMap(({ names }) => names)).toContain('shop.example')
})

test('T12 what an unknown tool runs is read as the tool that it is', () => {
  expect(findDetours('timeout 5 /usr/bin/curl -L http://a.example/'.split(' '), lookUp)).toMatchObject([
    { name: 'curl -L' },
  ])
  expect(findDestinations(call('env curl http://a@b@c/'), lookUp)).toContainEqual(
    expect.objectContaining({ many: true }),
  )
})

test('T12 an unknown tool with the names of many tools takes no longer, and may connect to any host', () => {
  const find = (count: number) => {
    const { argv, tool } = call(`env ${'curl '.repeat(count)}x`)
    return () => {
      expect(findDestinations({ argv, tool }, lookUp).some(({ many }) => many)).toBe(true)
      findDetours(argv, lookUp)
    }
  }
  find(100)()
  expect(tooFastGrowth(find, { from: 1_000, to: 8_000 })).toBeUndefined()
})
