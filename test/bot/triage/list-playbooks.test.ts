import { expect, test } from '@jest/globals'
import type { Playbook } from '#core/triage/playbook'
import { playbooks } from '#src/app/playbooks'
import { listPlaybooks } from '#src/bot/triage/list-playbooks'

test('playbooks are listed with what they are for and where they come from', () => {
  const own: Playbook = {
    name: 'shop',
    source: 'playbooks/shop.yaml',
    title: 'Is it?',
    for: 'pod',
    alerts: [],
    checks: [],
  }
  const message = listPlaybooks(new Map([...playbooks, ['shop', own]]))
  if (message.kind !== 'listing') throw new Error(message.kind)
  expect(message.columns).toEqual(['name', 'for', 'checks', 'from', 'question'])
  expect(message.rows.at(0)?.slice(0, 4)).toEqual(['dns', 'pod', '9', 'shipped'])
  expect(message.rows.at(-1)).toEqual(['shop', 'pod', '0', 'playbooks/shop.yaml', 'Is it?'])
  expect(message.note).toContain('everything')
})
