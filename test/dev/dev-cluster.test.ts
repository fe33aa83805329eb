import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { removeBrokenCluster } from '#dev/dev-cluster/cluster'
import { startControlPlane } from '#dev/dev-cluster/control-plane'
import { runningPid, startProcess, stopProcess } from '#dev/dev-cluster/processes'
import { ensureFolder, stateFolder } from '#dev/dev-cluster/state'
import { openOwnCache } from './own-cache.ts'

const parts = ['etcd', 'kube-apiserver', 'node001', 'node002']
const ownLogs = parts.map((part) => `${part}.log`)

describe('the dev cluster', () => {
  let cache: ReturnType<typeof openOwnCache>

  beforeEach(() => {
    cache = openOwnCache()
    for (const folder of [['etcd', 'member'], ['nodes', 'node001'], ['pki'], ['logs']]) {
      writeFileSync(join(ensureFolder(...folder), 'file'), 'of the cluster before')
    }
    for (const part of parts) startProcess(part, 'sleep', ['60'])
  })

  afterEach(async () => {
    for (const part of parts) await stopProcess(part, 'SIGKILL')
    cache.remove()
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

  test('keeps the journals of its nodes among the logs, in place of those before', async () => {
    const journal = ensureFolder('nodes', 'node001', 'var', 'log', 'journal', 'id')
    writeFileSync(join(journal, 'system.journal'), 'of this cluster')
    writeFileSync(join(ensureFolder('logs', 'node001-journal'), 'old.journal'), 'of the cluster before')
    await stopProcess('etcd', 'SIGKILL')
    await removeBrokenCluster()
    expect(readdirSync(stateFolder('logs')).sort()).toEqual([...ownLogs, 'file', 'node001-journal'].sort())
    expect(readdirSync(stateFolder('logs', 'node001-journal'), { recursive: true })).toEqual([
      'id',
      join('id', 'system.journal'),
    ])
  })

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

describe('the control plane of a slow machine', () => {
  const names = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler']
  let cache: ReturnType<typeof openOwnCache>

  beforeEach(() => {
    cache = openOwnCache()
  })

  afterEach(async () => {
    for (const name of names) await stopProcess(name, 'SIGKILL')
    cache.remove()
  })

  /**
   * Returns a program that takes the place of Kubernetes: etcd and the API server end the first time they are started, the API server is ready
   * at the third question, and the other parts end where it is not ready, as the real ones do 10 s after their start.
   */
  function slowParts(): string {
    const file = join(cache.folder, 'kubernetes')
    const lines = [
      '#!/bin/sh',
      `cd ${cache.folder}`,
      'case $1 in',
      'kubectl) echo asked >> questions; [ -e serves ] && [ $(wc -l < questions) -ge 3 ] && touch ready && printf ok; exit ;;',
      'etcd|kube-apiserver) [ -e $1.ended ] || { touch $1.ended; exit 1; }; [ $1 = etcd ] || touch serves ;;',
      '*) [ -e ready ] || exit 255 ;;',
      'esac',
      'exec sleep 60',
    ]
    writeFileSync(file, `${lines.join('\n')}\n`, { mode: 0o755 })
    return file
  }

  test('runs with all its parts: none starts before the API server that it needs, and one that ended is started again', async () => {
    await startControlPlane(slowParts())
    expect(existsSync(join(cache.folder, 'ready'))).toBe(true)
    expect(names.filter((name) => runningPid(name) === undefined)).toEqual([])
  })
})
