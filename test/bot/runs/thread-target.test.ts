import { expect, test } from '@jest/globals'
import { rememberThread, targetWords, threadTarget } from '#src/bot/runs/thread-target'
import { openContexts, sampleChannel } from '#test/samples/contexts'
import { sampleRun } from '#test/samples/run'

const node = { kind: 'node' as const, cluster: 'dev', name: 'node001' }
const pod = { kind: 'pod' as const, cluster: 'dev', namespace: 'shop', name: 'web-1' }
const message = { ...sampleChannel, message: 'm1' }
const run = sampleRun({ message })

test('a thread has the target of its newest run, in its own channel', async () => {
  const { bot, typed } = openContexts()
  await rememberThread(bot, run)
  const inThread = (thread: object) =>
    threadTarget(bot, typed('alice', 'ping', { thread: { ...sampleChannel, ...thread } }).ctx)
  expect(await inThread({ thread: 'm1' })).toEqual(node)
  expect(await inThread({})).toBeUndefined()
  expect(await inThread({ thread: 'm2' })).toBeUndefined()
  expect(await inThread({ thread: 'm1', channel: 'other' })).toBeUndefined()
  await rememberThread(bot, {
    ...run,
    message: { ...message, message: 'm5', thread: 'm1' },
    request: { ...run.request, target: pod },
  })
  expect(await inThread({ thread: 'm1' })).toEqual(pod)
})

test('a run of a fan-out leaves no target, and a target that was changed in the store is none', async () => {
  const { bot, store, typed } = openContexts()
  const { ctx } = typed('alice', 'ping', { thread: { ...sampleChannel, thread: 'm1' } })
  await rememberThread(bot, { ...run, fanOut: 'f1' })
  expect(await threadTarget(bot, ctx)).toBeUndefined()
  await rememberThread(bot, run)
  store.breakValue('thread-target', 'slack:T:C:m1')
  expect(await threadTarget(bot, ctx)).toBeUndefined()
})

test('a target is written as it is typed', () => {
  expect(targetWords(node).join(' ')).toBe('--context dev node/node001')
  expect(targetWords({ ...pod, container: 'app' }).join(' ')).toBe('--context dev -n shop --container app pod/web-1')
})
