import { randomBytes } from 'node:crypto'
import { PassThrough } from 'node:stream'
import { expect, test } from '@jest/globals'
import type { Session } from '#core/sessions/session'
import type { Connection } from '#src/kubernetes/api/connection'
import type { Exec, ExecEnd } from '#src/kubernetes/api/exec'
import { createExecPool } from '#src/kubernetes/process/exec-pool'
import { execInSession } from '#src/kubernetes/process/exec-process'
import { waitUntil } from '#test/flow/wait-for'
import { sampleRun, silentLog } from '#test/samples/run'

const session: Session = {
  ...{ namespace: 'retina-chatops', pod: 'a', uid: 'uid-a', container: 'shell' },
  ...{ cluster: 'dev', kind: 'node', run: 'a', until: '2026-11-26T10:00:00.000Z' },
}

/** Returns an exec whose output is given, and that ends when it is closed or `breaks` is called. */
function fakeExec() {
  const stdout = new PassThrough()
  const { promise: ended, resolve } = Promise.withResolvers<ExecEnd>()
  let isClosed = false
  const breaks = () => {
    stdout.end()
    resolve({ stderr: '' })
  }
  const exec: Exec = {
    ...{ stdout, ended, write: () => undefined, hold: () => undefined },
    close() {
      isClosed = true
      breaks()
    },
  }
  return { exec, stdout, breaks, isClosed: () => isClosed }
}

test('an exec that opens when its run is no longer followed is closed', async () => {
  const first = fakeExec()
  const second = fakeExec()
  const { promise: opened, resolve: open } = Promise.withResolvers<Exec>()
  const opening: (() => Promise<Exec>)[] = [async () => first.exec, () => opened]
  const connection = {
    openExec: () => opening.shift()?.() ?? Promise.reject(new Error('a third exec was opened')),
  } as unknown as Connection
  const options = {
    ...{ connection, acting: async () => connection, person: 'alice', runId: 'r1', key: randomBytes(32), session },
    ...{ standby: createExecPool(connection, silentLog), spec: sampleRun().spec, log: silentLog },
    ...{ span: <T>(_step: string, work: () => Promise<T>) => work(), signal: new AbortController().signal },
  }
  const starting = execInSession(options, 'begin')
  first.stdout.write('b 1\n')
  const process = await starting
  first.breaks()
  await waitUntil('another exec is being opened', () => opening.length === 0)
  process?.leave()
  open(second.exec)
  await waitUntil('it is closed', second.isClosed)
  expect(await process?.ended).toMatchObject({ reason: 'lost' })
})
