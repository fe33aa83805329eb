import type { ToolRequest } from '#core/request/request'
import { noNeeds } from '#core/request/tool'
import type { Run } from '#core/runs/run'

/** Returns Carol's request for `ping 127.0.0.1` on node001, with changes. */
export function sampleRequest(change: Partial<ToolRequest> = {}): ToolRequest {
  return {
    id: 'abcdefgh2345',
    by: { id: 'carol@example.com', name: 'Carol', groups: ['group:netops'] },
    account: { platform: 'console', team: 'local', user: 'carol@example.com' },
    target: { kind: 'node', cluster: 'dev', name: 'node001' },
    facts: { uid: 'uid-1', node: 'node001', os: 'linux', labels: { pool: 'web' }, namespaceLabels: {} },
    pipeline: [
      {
        tool: 'ping',
        given: ['ping', '127.0.0.1'],
        argv: ['ping', '-c', '5', '127.0.0.1'],
        tools: ['ping'],
        special: [],
        known: true,
      },
    ],
    destinations: [],
    needs: noNeeds,
    added: ['-c 5'],
    thread: { platform: 'console', team: 'local', channel: 'c1' },
    at: '2026-11-23T03:00:00.000Z',
    typed: { text: 'shell node001 ping 127.0.0.1', entities: false },
    ...change,
  }
}

/** Returns a queued run of a sample request, with changes. */
export function sampleRun(change: Partial<Run> = {}): Run {
  const request = change.request ?? sampleRequest()
  return {
    id: request.id,
    request,
    spec: {
      image: 'retina-chatops/shell:dev',
      pipeline: request.pipeline.map((stage) => stage.argv),
      target: request.target,
      targetUid: request.facts.uid,
      node: request.facts.node,
      capabilities: [],
      host: { filesystem: 'none', pid: false },
      confinement: { apparmor: 'default', seccomp: 'default' },
      user: 'nonroot',
      startTimeout: 30,
      deadline: 60,
      maxOutputBytes: 1_048_576,
      masked: [],
      namespace: 'retina-chatops',
      labels: {},
      annotations: {},
    },
    set: 'probe',
    grant: 'grants[0]',
    message: { platform: 'console', team: 'local', channel: 'c1', message: 'm1' },
    state: 'queued',
    queuedAt: request.at,
    ...change,
  }
}

export const silentLog = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
