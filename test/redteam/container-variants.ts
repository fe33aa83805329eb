import type { Deviation } from './pod-variants.ts'

const api = 'Kubernetes, "Pod v1 core"'
const pss = 'Kubernetes, "Pod Security Standards"'
const own = 'own'
const seen = 'seen to be accepted'
const container = '/spec/containers/0'
const context = `${container}/securityContext`
const digest = `sha256:${'5'.repeat(64)}`
const image = 'localhost/retina-chatops/shell:dev'
const runner = '/usr/local/bin/retina-run'
const command = (deadline: string, flags: readonly string[] = [], id = 'redteamredte', tool = ['id']) => [
  ...[runner, '--run', id, '--deadline', deadline, '--max-bytes', '1000', ...flags],
  ...['--words', '1', '--', ...tool],
]

const second = { name: 'second', image, command: [runner], securityContext: { privileged: true } }

const containers: readonly Deviation[] = [
  { what: 'a second container', at: '/spec/containers/-', be: second, source: own },
  { what: 'an init container', at: '/spec/initContainers', be: [second], source: own },
  {
    what: 'a sidecar',
    at: '/spec/initContainers',
    be: [{ ...second, restartPolicy: 'Always' }],
    source: 'Kubernetes, "Sidecar Containers"',
  },
  { what: 'an ephemeral container', at: '/spec/ephemeralContainers', be: [second], source: own, alsoServer: true },
  { what: 'another container’s name', at: `${container}/name`, be: 'other', source: own },
  { what: 'another image', at: `${container}/image`, be: 'docker.io/library/alpine:3', source: own },
  { what: 'another tag', at: `${container}/image`, be: 'localhost/retina-chatops/shell:evil', source: own },
  { what: 'a longer tag', at: `${container}/image`, be: 'localhost/retina-chatops/shell:dev-evil', source: own },
  {
    what: 'a longer repository',
    at: `${container}/image`,
    be: `localhost/retina-chatops/shell-evil@${digest}`,
    source: own,
  },
  { what: 'the repository below another host', at: `${container}/image`, be: `evil.example/${image}`, source: own },
  {
    what: 'a short digest',
    at: `${container}/image`,
    be: 'localhost/retina-chatops/shell@sha256:55',
    source: own,
    alsoServer: true,
  },
  {
    what: 'a dot that is any character',
    at: `${container}/image`,
    be: 'localhostxretina-chatops/shell:dev',
    source: own,
  },
  { what: 'a pull that never asks', at: `${container}/imagePullPolicy`, be: 'Never', source: api },
  { what: 'arguments', at: `${container}/args`, be: ['x'], source: own },
  { what: 'a shell', at: `${container}/command`, be: ['sh', '-c', 'id'], source: own },
  { what: 'no command', at: `${container}/command`, source: own },
  { what: 'the runner of another path', at: `${container}/command/0`, be: '/tmp/retina-run', source: own },
  { what: 'the id of another run', at: `${container}/command/2`, be: 'otherrunothe', source: own },
  { what: 'a run without an end', at: `${container}/command`, be: command('86400'), source: own },
  { what: 'output without an end', at: `${container}/command/6`, be: '999999999', source: own },
  {
    what: 'a longer stay',
    at: `${container}/command`,
    be: command('60', ['--keep', '100000', '--life', '100000']),
    source: own,
  },
  { what: 'a flag before its own', at: `${container}/command`, be: command('60', ['--spool']), source: own },
  { what: 'counts that are none', at: `${container}/command/8`, be: '1 --keep 9', source: own },
  { what: 'no tool', at: `${container}/command`, be: command('60', [], 'redteamredte', []), source: own },
  { what: 'a working directory', at: `${container}/workingDir`, be: '/host', source: seen },
  {
    what: 'a preloaded library',
    at: `${container}/env/-`,
    be: { name: 'LD_PRELOAD', value: '/tmp/x.so' },
    source: own,
  },
  { what: 'another home', at: `${container}/env`, be: [{ name: 'HOME', value: '/host/root' }], source: own },
  {
    what: 'a secret in the environment',
    at: `${container}/env/-`,
    be: { name: 'x', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } },
    source: own,
  },
  {
    what: 'a file of the environment',
    at: `${container}/env/-`,
    be: { name: 'x', valueFrom: { fieldRef: { fieldPath: 'spec.serviceAccountName' } } },
    source: api,
  },
  { what: 'a secret as environment', at: `${container}/envFrom`, be: [{ secretRef: { name: 's' } }], source: own },
  { what: 'a host port', at: `${container}/ports`, be: [{ containerPort: 443, hostPort: 443 }], source: seen },
  {
    what: 'a port',
    at: `${container}/ports`,
    be: [{ containerPort: 8_080, hostPort: 8_080, name: 'http' }],
    source: seen,
  },
  { what: 'requests of 1 Ti', at: `${container}/resources`, be: { requests: { memory: '1Ti' } }, source: seen },
  { what: 'limits of 1000 processors', at: `${container}/resources`, be: { limits: { cpu: '1000' } }, source: seen },
  { what: 'a device', at: `${container}/resources`, be: { limits: { 'nvidia.com/gpu': '1' } }, source: api },
  {
    what: 'huge pages',
    at: `${container}/resources`,
    be: { limits: { 'hugepages-2Mi': '2Mi', memory: '64Mi' } },
    source: api,
  },
  { what: 'a claim', at: `${container}/resources`, be: { claims: [{ name: 'gpu' }] }, source: api, alsoServer: true },
  {
    what: 'a resize policy',
    at: `${container}/resizePolicy`,
    be: [{ resourceName: 'cpu', restartPolicy: 'RestartContainer' }],
    source: api,
    alsoServer: true,
  },
  {
    what: 'a restart of the container',
    at: `${container}/restartPolicy`,
    be: 'Always',
    source: 'KEP-5307',
    alsoServer: true,
  },
  {
    what: 'rules for its restart',
    at: `${container}/restartPolicyRules`,
    be: [{ action: 'Restart', exitCodes: { operator: 'In', values: [42] } }],
    source: 'KEP-5307',
    alsoServer: true,
  },
  {
    what: 'a block device',
    at: `${container}/volumeDevices`,
    be: [{ name: 'd', devicePath: '/dev/sda' }],
    source: api,
    alsoServer: true,
  },
  {
    what: 'a liveness probe that runs something',
    at: `${container}/livenessProbe`,
    be: { exec: { command: ['id'] } },
    source: seen,
  },
  { what: 'a readiness probe', at: `${container}/readinessProbe`, be: { exec: { command: ['id'] } }, source: seen },
  {
    what: 'a startup probe to another host',
    at: `${container}/startupProbe`,
    be: { httpGet: { host: '169.254.169.254', port: 80 } },
    source: 'CVE-2020-8555, a kind of',
  },
  {
    what: 'a hook at its start',
    at: `${container}/lifecycle`,
    be: { postStart: { exec: { command: ['id'] } } },
    source: seen,
  },
  {
    what: 'a hook before its end',
    at: `${container}/lifecycle`,
    be: { preStop: { exec: { command: ['id'] } } },
    source: seen,
  },
  {
    what: 'a request at its end',
    at: `${container}/lifecycle`,
    be: { preStop: { httpGet: { host: '10.96.0.1', port: 443 } } },
    source: api,
  },
  {
    what: 'a stop signal',
    at: `${container}/lifecycle`,
    be: { stopSignal: 'SIGWINCH' },
    source: 'KEP-4960',
    dropped: 'lifecycle',
  },
  {
    what: 'a message from another file',
    at: `${container}/terminationMessagePath`,
    be: '/etc/ld.so.preload',
    source: api,
  },
  {
    what: 'a message from the log',
    at: `${container}/terminationMessagePolicy`,
    be: 'FallbackToLogsOnError',
    source: api,
  },
  { what: 'a standard input', at: `${container}/stdin`, be: true, source: seen },
  { what: 'a standard input, once', at: `${container}/stdinOnce`, be: true, source: api },
  { what: 'a terminal', at: `${container}/tty`, be: true, source: seen },
]

const users: readonly Deviation[] = [
  { what: 'privileged', at: context, be: { privileged: true }, source: pss },
  { what: 'privileged, said to be not', at: `${context}/privileged`, be: false, source: own },
  { what: 'a gain of rights', at: `${context}/allowPrivilegeEscalation`, be: true, source: pss },
  { what: 'the default of a gain of rights', at: `${context}/allowPrivilegeEscalation`, source: pss },
  { what: 'another capability', at: `${context}/capabilities/add`, be: ['SYS_PTRACE'], source: pss },
  { what: 'all capabilities', at: `${context}/capabilities/add`, be: ['ALL'], source: pss, alsoServer: true },
  { what: 'a capability in small letters', at: `${context}/capabilities/add`, be: ['sys_ptrace'], source: own },
  { what: 'a capability with its prefix', at: `${context}/capabilities/add`, be: ['CAP_SYS_PTRACE'], source: own },
  { what: 'no capability dropped', at: `${context}/capabilities/drop`, source: pss },
  { what: 'one capability dropped', at: `${context}/capabilities/drop`, be: ['NET_RAW'], source: pss },
  { what: 'the user of the image', at: `${context}/runAsUser`, be: 65_532, source: seen },
  { what: 'the user of many images', at: `${context}/runAsUser`, be: 1_000, source: seen },
  { what: 'nobody’s id', at: `${context}/runAsUser`, be: 65_534, source: own },
  { what: 'a user below the range', at: `${context}/runAsUser`, be: 1_073_741_823, source: own },
  { what: 'root’s group', at: `${context}/runAsGroup`, be: 0, source: own },
  { what: 'another’s group', at: `${context}/runAsGroup`, be: 1_073_741_824, source: own },
  { what: 'no group', at: `${context}/runAsGroup`, source: own },
  { what: 'no user', at: `${context}/runAsUser`, source: own },
  { what: 'a user who may be root', at: `${context}/runAsNonRoot`, be: false, source: own },
  { what: 'root’s group besides', of: 'netfilter', at: `${context}/runAsGroup`, be: 6, source: own },
  { what: 'no seccomp', at: `${context}/seccompProfile`, source: pss },
  {
    what: 'a seccomp profile of the node',
    at: `${context}/seccompProfile`,
    be: { type: 'Localhost', localhostProfile: 'x.json' },
    source: pss,
  },
  {
    what: 'an AppArmor profile of the node',
    at: `${context}/appArmorProfile`,
    be: { type: 'Localhost', localhostProfile: 'x' },
    source: pss,
  },
  { what: 'SELinux of the container', at: `${context}/seLinuxOptions`, be: { type: 'spc_t' }, source: pss },
  { what: 'Windows’ user', at: `${context}/windowsOptions`, be: { runAsUserName: 'x' }, source: api, alsoServer: true },
  { what: 'an unmasked /proc', at: `${context}/procMount`, be: 'Unmasked', source: pss, alsoServer: true },
  { what: 'a read-only root', at: `${context}/readOnlyRootFilesystem`, be: true, source: api },
]

/** Debug pods of nodes with one deviation each in their container: none is to be accepted. */
export const containerVariants: readonly Deviation[] = [...containers, ...users]
