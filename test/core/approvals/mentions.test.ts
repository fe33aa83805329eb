import { expect, test } from '@jest/globals'
import { mentionsOf } from '#core/approvals/mentions'

const known = {
  groups: {
    leads: ['bob@example.com', 'slack:usergroup/S0LEADS', 'group:all'],
    all: ['group:leads', 'teams:user/t0/0a-1b', 'dora@example.com', '*'],
  },
  people: { 'bob@example.com': ['slack:user/T0HOME/U0BOB', 'teams:user/t0/0b-2c'] },
}

test('approvers are mentioned by their accounts and user groups, also through groups that name each other', () => {
  expect(mentionsOf(['group:leads'], known)).toEqual([
    'slack:usergroup/S0LEADS',
    'slack:user/T0HOME/U0BOB',
    'teams:user/t0/0b-2c',
    'teams:user/t0/0a-1b',
  ])
  expect(mentionsOf(['dora@example.com', 'group:nobody', 'slack:channel/C0X'], known)).toEqual([])
})

test('at most ten are mentioned', () => {
  const many = Array.from({ length: 30 }, (_each, at) => `slack:user/T0HOME/U${at}`)
  expect(mentionsOf(many, known)).toHaveLength(10)
})
