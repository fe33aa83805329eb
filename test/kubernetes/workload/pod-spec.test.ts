import { expect, test } from '@jest/globals'
import type { DebugSpec } from '#core/runs/debug-spec'
import { type ContainerOptions, debugContainer, debugPod, runnerCommand } from '#src/kubernetes/workload/pod-spec'
import { sampleRun } from '#test/samples/run'

const spec = (change: Partial<DebugSpec> = {}): DebugSpec => ({ ...sampleRun().spec, ...change })
const options: ContainerOptions = { pullPolicy: 'Always', userId: 2_000_000_000 }
const podTarget = { kind: 'pod', cluster: 'dev', namespace: 'shop', name: 'web-1' } as const

test('a node’s pod: pinned to the node, tolerates all taints, and has no rights that weren’t requested', () => {
  const labels = { 'app.kubernetes.io/managed-by': 'retina-chatops', 'retina-chatops.io/run': 'abc' }
  const pod = debugPod(
    'abc',
    spec({ labels, annotations: { 'retina-chatops.io/person': 'carol@example.com' } }),
    options,
  )
  expect(pod.metadata).toEqual({
    name: 'retina-abc',
    namespace: 'retina-chatops',
    labels,
    annotations: { 'retina-chatops.io/person': 'carol@example.com' },
  })
  expect(pod.spec).toMatchObject({
    nodeName: 'node001',
    hostNetwork: true,
    hostPID: false,
    restartPolicy: 'Never',
    activeDeadlineSeconds: 30 + 60 + 30,
    tolerations: [{ operator: 'Exists' }],
    automountServiceAccountToken: false,
    os: { name: 'linux' },
  })
  expect(pod.spec).not.toHaveProperty('volumes')
  expect(pod.spec?.containers[0]?.securityContext).toEqual({
    allowPrivilegeEscalation: false,
    capabilities: { drop: ['ALL'] },
    runAsUser: 2_000_000_000,
    runAsGroup: 2_000_000_000,
    runAsNonRoot: true,
    seccompProfile: { type: 'RuntimeDefault' },
  })
})

test('T37 a pinned image is specified by its digest, without the tag: in a node’s pod and in a pod’s container', () => {
  const digest = `sha256:${'a'.repeat(64)}`
  const image = `a.io:5000/shell:v1@${digest}`
  expect(debugPod('a', spec({ image }), options).spec?.containers[0]?.image).toBe(`a.io:5000/shell@${digest}`)
  expect(debugContainer('a', spec({ image, target: podTarget }), options).image).toBe(`a.io:5000/shell@${digest}`)
  expect(debugPod('a', spec({ image: 'a.io:5000/shell:v1' }), options).spec?.containers[0]?.image).toBe(
    'a.io:5000/shell:v1',
  )
})

test('T22 every debug pod is ended by the cluster itself, whatever happens to the bot', () => {
  for (const [startTimeout, deadline] of [
    [1, 1],
    [30, 60],
    [3_600, 3_600],
  ] as const) {
    const { activeDeadlineSeconds = 0 } = debugPod('a', spec({ startTimeout, deadline }), options).spec ?? {}
    expect(activeDeadlineSeconds).toBe(startTimeout + deadline + 30)
  }
})

test('requested capabilities are added after dropping all; root only if requested', () => {
  const context = debugPod('a', spec({ capabilities: ['NET_ADMIN', 'NET_RAW'], user: 'root' }), options).spec
    ?.containers[0]?.securityContext
  expect(context).toMatchObject({
    capabilities: { drop: ['ALL'], add: ['NET_ADMIN', 'NET_RAW'] },
    allowPrivilegeEscalation: false,
    runAsUser: 0,
    runAsNonRoot: false,
  })
})

test('T36 a read-only mount is read-only below its submounts too', () => {
  const pod = debugPod('a', spec({ host: { filesystem: 'read-only', pid: true } }), options)
  expect(pod.spec?.hostPID).toBe(true)
  expect(pod.spec?.containers[0]?.volumeMounts).toEqual([
    { name: 'host', mountPath: '/host', readOnly: true, recursiveReadOnly: 'Enabled' },
  ])
  const writable = debugPod('a', spec({ host: { filesystem: 'read-write', pid: false } }), options)
  expect(writable.spec?.containers[0]?.volumeMounts).toEqual([{ name: 'host', mountPath: '/host' }])
})

test('T36 a read-only mount hides the container runtime’s sockets', () => {
  const pod = debugPod(
    'a',
    spec({ host: { filesystem: 'read-only', pid: false }, masked: ['/run/containerd'] }),
    options,
  )
  expect(pod.spec?.containers[0]?.volumeMounts?.[1]).toEqual({
    name: 'nothing',
    mountPath: '/host/run/containerd',
    readOnly: true,
  })
  expect(pod.spec?.volumes?.[1]).toEqual({ name: 'nothing', emptyDir: { sizeLimit: '4Ki' } })
})

test('confinement is off only if requested', () => {
  const context = (change: Partial<DebugSpec>) =>
    debugPod('a', spec(change), options).spec?.containers[0]?.securityContext
  expect(context({ confinement: { apparmor: 'unconfined', seccomp: 'unconfined' } })).toMatchObject({
    seccompProfile: { type: 'Unconfined' },
    appArmorProfile: { type: 'Unconfined' },
  })
  expect(context({})).not.toHaveProperty('appArmorProfile')
})

test('an ephemeral container meets PodSecurity "restricted", and targets the container that was named', () => {
  const container = debugContainer('abc', spec({ target: { ...podTarget, container: 'web' } }), options)
  expect(container).toMatchObject({
    name: 'retina-abc',
    targetContainerName: 'web',
    securityContext: { allowPrivilegeEscalation: false, runAsNonRoot: true, capabilities: { drop: ['ALL'] } },
  })
  expect(debugContainer('abc', spec({ target: podTarget }), options)).not.toHaveProperty('targetContainerName')
})

test('T09 arguments of the request are after "--" and counted, so that the runner takes none as its own option', () => {
  const pipeline = [
    ['dig', '--run', 'x; reboot', '$(id)', '--'],
    ['head', '-n', '2'],
  ]
  const argv = runnerCommand('abc', spec({ pipeline }))
  const border = argv.indexOf('--')
  expect(argv.slice(0, border)).toEqual([
    '/usr/local/bin/retina-run',
    '--run',
    'abc',
    '--deadline',
    '60',
    '--max-bytes',
    '1048576',
    '--words',
    '5,3',
  ])
  expect(argv.slice(border + 1)).toEqual(pipeline.flat())
})
