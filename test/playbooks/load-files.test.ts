import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { playbookNames, playbooks } from '#src/app/playbooks'
import { loadPlaybookFiles } from '#src/playbooks/load-files'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'retina-playbooks-'))
  mkdirSync(join(folder, 'playbooks'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const playbook = (name: string, check = `${name}-overflow`, more = '') => `playbook: ${name}
title: Is it all right?
for: node
checks:
  ${check}:
    title: connections that nobody accepted
    run: [nstat -asz TcpExtListenOverflows]
    read: { nstat: true, value: TcpExtListenOverflows }
    warn: { above: 0 }
    ${more}
`
const write = (name: string, text: string) => writeFileSync(join(folder, 'playbooks', name), text)
const load = (...patterns: string[]) =>
  loadPlaybookFiles(
    join(folder, 'retina.yaml'),
    patterns.map((pattern) => ({ pattern, line: 3, column: 12 })),
    playbookNames,
    playbooks,
  )
/** Returns the mistakes as texts, with paths from the folder. */
const mistakes = (...patterns: string[]) => {
  const loaded = load(...patterns)
  if ('playbooks' in loaded) return []
  return loaded.mistakes.map(
    ({ file, line, column, message }) => `${file.slice(folder.length + 1)}:${line}:${column}: ${message}`,
  )
}

test('the owner’s playbooks stand beside those that ship, with their file', () => {
  write('shop.yaml', playbook('shop'))
  write('bank.yaml', playbook('bank'))
  write('notes.txt', 'no playbook')
  const loaded = load('./playbooks/*.yaml')
  if ('mistakes' in loaded) throw new Error(loaded.mistakes.map(({ message }) => message).join('\n'))
  expect([...loaded.playbooks.keys()]).toEqual([...playbooks.keys(), 'bank', 'shop'])
  expect(loaded.playbooks.get('shop')).toMatchObject({ source: 'playbooks/shop.yaml' })
  expect(loaded.playbooks.get('dns')?.source).toBeUndefined()
})

test('files of a mounted ConfigMap, which are symbolic links, are found', () => {
  write('shop.yaml', playbook('shop'))
  mkdirSync(join(folder, '..2026'))
  renameSync(join(folder, 'playbooks'), join(folder, '..2026', 'playbooks'))
  symlinkSync('..2026', join(folder, '..data'))
  symlinkSync('..data/playbooks', join(folder, 'playbooks'))
  expect(load('./playbooks/*.yaml')).toMatchObject({ playbooks: expect.anything() })
})

test('a name of a shipped playbook or check, and of another file, is refused at its place', () => {
  write('a.yaml', playbook('dns'))
  write('b.yaml', playbook('shop', 'route-default'))
  write('c.yaml', playbook('shop', 'twice-seen'))
  expect(mistakes('./playbooks/*.yaml')).toEqual([
    'playbooks/a.yaml:1:11: "dns" is the name of another playbook (it ships with the program); choose another name',
    'playbooks/b.yaml:1:11: "shop" is the name of another playbook (playbooks/c.yaml); choose another name',
    'playbooks/b.yaml:5:3: "route-default" is a check of the playbook node-network (it ships with the program); choose another name',
    'playbooks/c.yaml:1:11: "shop" is the name of another playbook (playbooks/b.yaml); choose another name',
  ])
})

test('checks that are explained have to exist, in this playbook or in another one', () => {
  write('a.yaml', playbook('shop', 'shop-full', 'explains: [dns-cluster, bank-full, dns-clutser]'))
  write('b.yaml', playbook('bank', 'bank-full'))
  expect(mistakes('./playbooks/*.yaml')).toEqual([
    'playbooks/a.yaml:10:40: there is no check "dns-clutser"; did you mean "dns-cluster"?',
  ])
})

test('a playbook that could change something, and one that is no YAML, are refused with file, line and column', () => {
  write('a.yaml', playbook('shop').replace('nstat -asz TcpExtListenOverflows', 'iptables -F'))
  write('b.yaml', 'playbook: [')
  const [first, second, ...more] = mistakes('./playbooks/*.yaml')
  expect(first).toBe('playbooks/a.yaml:7:11: "iptables -F" may change its target, and a check only reads')
  expect(second).toMatch(/^playbooks\/b\.yaml:1:\d+: /)
  expect(more).toEqual([])
})

test('a pattern that matches nothing is a mistake of retina.yaml, at its place', () => {
  expect(mistakes('./playbook/*.yaml')).toEqual([
    'retina.yaml:3:12: no file matches "./playbook/*.yaml", which names playbooks',
  ])
})

test('a folder in the place of a file is a mistake', () => {
  expect(mistakes('./playbooks')).toEqual([expect.stringMatching(/^playbooks:1:1: can't be read: /)])
})
