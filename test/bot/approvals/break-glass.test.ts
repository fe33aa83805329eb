import { expect, test } from '@jest/globals'
import { ChatError } from '#core/ports/chat'
import { openContexts, samplePolicy } from '#test/samples/contexts'

const policy = samplePolicy("announce: 'slack:channel/LEADS', breakGlass: [alice@example.com]")
const command = 'shell --break-glass --reason "site down" node001 drill x'

test('break-glass is recorded and announced to the approvers before the run is queued', async () => {
  const { say, queue, chat, recorded, details, lines } = openContexts({ policy })
  expect(await say('alice', command, { id: 'r1' })).toMatchObject([
    { kind: 'queued', note: 'Without approval: break-glass used; this is on record.' },
  ])
  expect(recorded()).toEqual(
    ['decided', 'glass-broken', 'approvers-notified', 'queued'].map((what) => `${what} r1 alice@example.com`),
  )
  expect(details('glass-broken')).toMatchObject({ set: 'guarded', reason: 'site down' })
  expect(details('approvers-notified')).toEqual({ announced: 'slack:channel/LEADS' })
  expect(chat.ofKind('glass-broken')).toMatchObject([{ facts: { reason: 'site down' } }])
  expect(lines('warn')).toEqual(['ALARM: break-glass used'])
  expect(await queue.has('r1')).toBe(true)
})

test('without a reason that everybody can read, nothing is run', async () => {
  const { say, queue } = openContexts({ policy })
  for (const flag of ['', '--reason "\u2800" '])
    expect(await say('alice', `shell --break-glass ${flag}node001 drill x`, { id: 'r1' })).toMatchObject([
      { kind: 'misunderstood', message: '`--break-glass` requires a reason, which everybody can read.' },
    ])
  expect(await queue.has('r1')).toBe(false)
})

test('who may not break the glass requests approval', async () => {
  const { say, saved } = openContexts({ policy: samplePolicy('breakGlass: [bob@example.com]') })
  expect(await say('alice', command, { id: 'r1' })).toMatchObject([{ kind: 'asking' }])
  expect((await saved('r1')).state).toBe('asking')
})

test('break-glass that can’t be recorded runs nothing', async () => {
  const { say, bot, audit, queue, chat } = openContexts({ policy })
  const { audit: write } = bot
  bot.audit = (what, ...rest) => {
    if (what === 'glass-broken') audit.fails = new Error('away')
    return write(what, ...rest)
  }
  await expect(say('alice', command, { id: 'r1' })).rejects.toThrow('away')
  expect([chat.shown, await queue.has('r1')]).toEqual([[], false])
})

test('where the approvers’ channel takes nothing, the thread of the command shows it, and the record says why', async () => {
  const { say, chat, details } = openContexts({ policy })
  let requests = 0
  chat.refuses = () => {
    requests += 1
    return requests === 1 ? new ChatError('archived', { permanent: true }) : undefined
  }
  await say('alice', command, { id: 'r1' })
  expect(details('approvers-notified')).toEqual({ announced: 'slack:channel/C', unannounced: 'archived' })
})
