import { PassThrough } from 'node:stream'
import { expect, test } from '@jest/globals'
import type { Session } from '#core/sessions/session'
import type { Connection } from '#src/kubernetes/api/connection'
import type { Exec, ExecEnd } from '#src/kubernetes/api/exec'
import { createExecPool } from '#src/kubernetes/process/exec-pool'
import { spoolCommand } from '#src/kubernetes/workload/pod-spec'
import { sampleRun, silentLog } from '#test/samples/run'

const spec = { ...sampleRun().spec, deadline: 60 }

const runOf = (runId: string) => ({ runId, key: Buffer.alloc(32, 7), spec })

const session = (pod: string): Session => ({
  ...{ namespace: 'retina-chatops', pod, uid: `uid-${pod}`, container: 'shell' },
  ...{ cluster: 'dev', kind: 'node', run: pod, until: '2026-11-26T10:00:00.000Z' },
})

/** Returns fake execs that record what was done to them; `refuses` makes the cluster refuse new ones. */
function fakeExecs() {
  const opened: { pod: string; argv: readonly string[]; did: string[]; breaks: () => void }[] = []
  const state = { refuses: false }
  const openExec: Connection['openExec'] = async ({ pod }, argv, options) => {
    if (state.refuses) throw new Error('no')
    const did = [options?.stdin === true ? 'with stdin' : 'without stdin']
    const { promise: ended, resolve } = Promise.withResolvers<ExecEnd>()
    const breaks = () => resolve({ stderr: '' })
    opened.push({ pod, argv, did, breaks })
    const exec: Exec = {
      stdout: new PassThrough(),
      ended,
      write: (data) => void did.push(String(data)),
      hold: (holds) => void did.push(holds ? 'held' : 'let go'),
      close() {
        did.push('closed')
        breaks()
      },
    }
    return exec
  }
  return { opened, state, standby: createExecPool({ openExec } as Connection, silentLog) }
}

/** Waits until execs that are being opened are open. */
const settled = () => new Promise((resolve) => setImmediate(resolve))

test('a container has one standby exec, which is used once; a pending one doesn’t keep the process alive', async () => {
  const { opened, standby } = fakeExecs()
  expect(standby.take(session('a'), runOf('run1'))).toBeUndefined()
  void standby.open(session('a'), 60)
  void standby.open(session('a'), 60)
  expect(standby.take(session('a'), runOf('run1'))).toBeUndefined()
  await settled()
  void standby.open(session('a'), 60)
  await settled()
  expect(standby.take(session('b'), runOf('run1'))).toBeUndefined()
  expect(standby.take({ ...session('a'), uid: 'another' }, runOf('run1'))).toBeUndefined()
  expect(standby.take(session('a'), runOf('run1'))).toBeDefined()
  expect(standby.take(session('a'), runOf('run2'))).toBeUndefined()
  expect(opened).toMatchObject([{ argv: ['/usr/local/bin/retina-run', '--standby', '60'] }])
  const line = `${JSON.stringify({ words: spoolCommand('run1', spec).slice(1), key: runOf('run1').key.toString('base64') })}\n`
  expect(opened[0]?.did).toEqual(['with stdin', 'let go', 'held', line])
  void standby.open(session('a'), 60)
  await settled()
  expect(standby.take(session('a'), runOf('run3'))).toBeDefined()
})

test('a run that may take longer isn’t started by it; a longer standby exec replaces it', async () => {
  const { opened, standby } = fakeExecs()
  void standby.open(session('a'), 59)
  await settled()
  expect(standby.take(session('a'), runOf('run1'))).toBeUndefined()
  void standby.open(session('a'), 60)
  await settled()
  expect(opened[0]?.did).toContain('closed')
  expect(standby.take(session('a'), runOf('run1'))).toBeDefined()
})

test('an exec that broke or was refused is opened again the next time', async () => {
  const { opened, state, standby } = fakeExecs()
  const open = standby.open(session('a'), 60)
  await settled()
  opened[0]?.breaks()
  await open
  expect(standby.take(session('a'), runOf('run1'))).toBeUndefined()
  state.refuses = true
  await standby.open(session('a'), 60)
  expect(standby.take(session('a'), runOf('run1'))).toBeUndefined()
  state.refuses = false
  void standby.open(session('a'), 60)
  await settled()
  expect(standby.take(session('a'), runOf('run1'))).toBeDefined()
})

test('the pool has at most a hundred execs; the oldest is closed for a new one', async () => {
  const { opened, standby } = fakeExecs()
  for (let at = 0; at < 101; at++) void standby.open(session(`pod-${at}`), 60)
  await settled()
  expect(opened.filter(({ did }) => did.includes('closed')).map(({ pod }) => pod)).toEqual(['pod-0'])
  expect(standby.take(session('pod-0'), runOf('run1'))).toBeUndefined()
  expect(standby.take(session('pod-100'), runOf('run1'))).toBeDefined()
})

test('closing the pool ends all standby execs', async () => {
  const { opened, standby } = fakeExecs()
  for (const pod of ['a', 'b']) void standby.open(session(pod), 60)
  await settled()
  standby.close()
  expect(opened.map(({ did }) => did.includes('closed'))).toEqual([true, true])
  expect(standby.take(session('a'), runOf('run1'))).toBeUndefined()
})
