import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { removeBrokenCluster } from '#dev/dev-cluster/cluster'
import { runningPid, startProcess, stopProcess } from '#dev/dev-cluster/processes'
import { ensureFolder, stateFolder } from '#dev/dev-cluster/state'

const parts = ['etcd', 'kube-apiserver', 'node001', 'node002']

describe('the dev cluster', () => {
  const cacheBefore = process.env['XDG_CACHE_HOME']
  let cache: string

  beforeEach(() => {
    cache = mkdtempSync(join(tmpdir(), 'retina-cache-'))
    process.env['XDG_CACHE_HOME'] = cache
    for (const folder of [['etcd', 'member'], ['nodes', 'node001'], ['pki'], ['logs']]) {
      writeFileSync(join(ensureFolder(...folder), 'file'), 'of the cluster before')
    }
    for (const part of parts) startProcess(part, 'sleep', ['60'])
  })

  afterEach(async () => {
    for (const part of parts) await stopProcess(part, 'SIGKILL')
    rmSync(cache, { recursive: true, force: true })
    if (cacheBefore === undefined) delete process.env['XDG_CACHE_HOME']
    else process.env['XDG_CACHE_HOME'] = cacheBefore
  })

  const left = () => ['etcd', 'nodes', 'pki', 'logs'].filter((folder) => existsSync(stateFolder(folder)))

  test('whose nodes and store run is left alone, also while its API server is away', async () => {
    await stopProcess('kube-apiserver')
    await removeBrokenCluster()
    expect(left()).toEqual(['etcd', 'nodes', 'pki', 'logs'])
    expect(parts.filter((part) => runningPid(part) !== undefined)).toEqual(['etcd', 'node001', 'node002'])
  })

  test.each(['etcd', 'node001', 'node002'])(
    'that lost %s begins from nothing: no store speaks of disks that are gone',
    async (lost) => {
      await stopProcess(lost, 'SIGKILL')
      await removeBrokenCluster()
      expect(left()).toEqual(['pki', 'logs'])
      expect(parts.filter((part) => runningPid(part) !== undefined)).toEqual([])
    },
  )

  test('ends only what it started itself: an id that now belongs to somebody else’s process is left alone', async () => {
    const other = spawn('sleep', ['60'])
    try {
      await once(other, 'spawn')
      const record = { name: 'node001', pid: other.pid, ticks: '1' }
      for (const part of parts) await stopProcess(part)
      writeFileSync(stateFolder('processes.json'), JSON.stringify([record]))
      await removeBrokenCluster()
      expect(left()).toEqual(['pki', 'logs'])
      expect(other.exitCode ?? other.signalCode).toBeNull()
    } finally {
      other.kill()
    }
  })
})
