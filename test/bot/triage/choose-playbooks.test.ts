import { expect, test } from '@jest/globals'
import { playbooks } from '#src/app/playbooks'
import { choosePlaybooks } from '#src/bot/triage/choose-playbooks'

const names = (given: readonly string[], kind: 'node' | 'pod' | 'service') => {
  const chosen = choosePlaybooks(playbooks, given, kind)
  return 'message' in chosen ? chosen : chosen.map(({ name }) => name)
}

test.each([
  ['node', ['node-network', 'node-health', 'dns']],
  ['pod', ['pod-connectivity', 'dns', 'node-network', 'node-health']],
  ['service', ['service', 'pod-connectivity']],
] as const)('without a name, those that are usual for a %s', (kind, usual) => {
  expect(names([], kind)).toEqual(usual)
})

test('those that are named, each once; everything is all of them', () => {
  expect(names(['dns', 'node-health', 'dns'], 'node')).toEqual(['dns', 'node-health'])
  expect(names(['everything'], 'node')).toEqual([...playbooks.keys()])
  expect(names(['dns', 'everything'], 'node')).toEqual([...playbooks.keys()])
})

test('an unknown name is answered with the names, and with the one that was probably meant', () => {
  expect(names(['dsn'], 'node')).toEqual({
    message: `There is no playbook "dsn". There are ${[...playbooks.keys()].join(', ')}, and everything.`,
    unknown: 'dsn',
    nearest: 'dns',
  })
  expect(names(['node-helth'], 'node')).toMatchObject({ nearest: 'node-health' })
  expect(names(['dns', 'weather'], 'node')).toEqual({
    message: expect.stringMatching(/^There is no playbook "weather"/),
    unknown: 'weather',
  })
})

test('a name that objects have is unknown too', () => {
  expect(names(['constructor'], 'node')).toMatchObject({ message: expect.stringMatching(/no playbook "constructor"/) })
})
