import { writeFileSync } from 'node:fs'
import { run } from '#dev/machine/run'
import { apiServerNames, makeAuthority, makeCertificate, pkiFile, writeKubeconfig } from './pki.ts'
import { logTail, startProcess } from './processes.ts'
import { ensureFolder, stateFolder } from './state.ts'
import { apiServer, machineAddress, nodes, serviceRange, startSeconds } from './versions.ts'

// Other ports than etcd's default, so that another etcd on the machine is not disturbed.
const etcdClients = 'http://127.0.0.1:12379'
const etcdPeers = 'http://127.0.0.1:12380'

/**
 * Audit policy that logs every request with its user, except those of the cluster's own components. Tests read from the log who did what.
 */
const auditPolicy = {
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  omitStages: ['RequestReceived'],
  rules: [
    {
      level: 'None',
      users: ['system:apiserver', 'system:kube-scheduler', 'system:kube-controller-manager', 'system:kube-proxy'],
    },
    { level: 'None', userGroups: ['system:nodes', 'system:serviceaccounts:kube-system'] },
    { level: 'Metadata' },
  ],
}

export const auditLog = () => stateFolder('logs', 'audit.jsonl')
export const adminKubeconfig = () => stateFolder('kubeconfigs', 'admin.json')

/** Writes keys, certificates and kubeconfigs of all components. */
export async function writeCredentials(): Promise<void> {
  await makeAuthority()
  await makeCertificate('apiserver', { user: 'kube-apiserver', names: apiServerNames() })
  await makeCertificate('kubelet-client', { user: 'kube-apiserver-kubelet-client', groups: ['system:masters'] })
  const components = [
    { file: 'admin', user: 'kubernetes-admin', groups: ['system:masters'] },
    { file: 'controller-manager', user: 'system:kube-controller-manager', groups: [] },
    { file: 'scheduler', user: 'system:kube-scheduler', groups: [] },
    { file: 'proxy', user: 'system:kube-proxy', groups: [] },
  ]
  for (const { file, user, groups } of components) await writeKubeconfig(file, user, groups)
  for (const node of nodes) {
    const names = [`DNS:${node.name}`, `IP:${node.address}`]
    await makeCertificate(node.name, { user: `system:node:${node.name}`, groups: ['system:nodes'], names })
  }
}

/**
 * Starts etcd, API server, controller manager and scheduler as processes of the machine, unless they run already. Resolves when the API
 * server is ready and the others are started.
 */
export async function startControlPlane(kubernetes: string): Promise<void> {
  const start = (part: string, flags: Record<string, string>) =>
    startProcess(part, kubernetes, [part, ...Object.entries(flags).map(([name, value]) => `--${name}=${value}`)])
  const [etcd, server] = [etcdFlags(), apiServerFlags()]
  await waitUntilApiServerReady(kubernetes, () => {
    start('etcd', etcd)
    start('kube-apiserver', server)
  })
  // They end if the API server isn't ready 10 s after their start, which a slow machine needs for the API server alone.
  start('kube-controller-manager', {
    kubeconfig: stateFolder('kubeconfigs', 'controller-manager.json'),
    'leader-elect': 'false',
    'service-account-private-key-file': pkiFile('sa.key'),
    'root-ca-file': pkiFile('ca.crt'),
    'use-service-account-credentials': 'true',
    'bind-address': '127.0.0.1',
  })
  start('kube-scheduler', {
    kubeconfig: stateFolder('kubeconfigs', 'scheduler.json'),
    'leader-elect': 'false',
    'bind-address': '127.0.0.1',
  })
}

function etcdFlags(): Record<string, string> {
  return {
    'data-dir': ensureFolder('etcd'),
    'listen-client-urls': etcdClients,
    'advertise-client-urls': etcdClients,
    'listen-peer-urls': etcdPeers,
    'initial-advertise-peer-urls': etcdPeers,
    'initial-cluster': `default=${etcdPeers}`,
    // The data of a test cluster may be lost in a crash, and etcd would spend most of its time waiting for the disk.
    'unsafe-no-fsync': 'true',
    'log-level': 'error',
  }
}

function apiServerFlags(): Record<string, string> {
  const policy = stateFolder('audit-policy.json')
  writeFileSync(policy, JSON.stringify(auditPolicy))
  return {
    'advertise-address': machineAddress,
    'bind-address': machineAddress,
    'secure-port': '6443',
    'etcd-servers': etcdClients,
    'service-cluster-ip-range': serviceRange,
    'client-ca-file': pkiFile('ca.crt'),
    'tls-cert-file': pkiFile('apiserver.crt'),
    'tls-private-key-file': pkiFile('apiserver.key'),
    'service-account-issuer': 'https://kubernetes.default.svc.cluster.local',
    'service-account-key-file': pkiFile('sa.pub'),
    'service-account-signing-key-file': pkiFile('sa.key'),
    'authorization-mode': 'Node,RBAC',
    'enable-admission-plugins': 'NodeRestriction',
    'kubelet-client-certificate': pkiFile('kubelet-client.crt'),
    'kubelet-client-key': pkiFile('kubelet-client.key'),
    // The machine can't resolve the nodes' names.
    'kubelet-preferred-address-types': 'InternalIP',
    'kubelet-certificate-authority': pkiFile('ca.crt'),
    // As in managed clusters: requests without credentials are refused.
    'anonymous-auth': 'false',
    'allow-privileged': 'true',
    'audit-policy-file': policy,
    'audit-log-path': auditLog(),
    // Writes the audit record before the response, so that a test finds it as soon as it has the response.
    'audit-log-mode': 'blocking-strict',
  }
}

/** Asks the API server until it is ready, and starts it, and etcd, again where one of them has ended. */
async function waitUntilApiServerReady(kubernetes: string, startMissing: () => void): Promise<void> {
  const until = Date.now() + startSeconds * 1_000
  const question = ['kubectl', '--kubeconfig', adminKubeconfig(), 'get', '--raw', '/readyz']
  const ask = async () => {
    // Throws for a part that has ended already: it is started again the next time.
    startMissing()
    return run(kubernetes, question)
  }
  for (;;) {
    const answer = await ask().catch((error: Error) => error.message)
    if (answer === 'ok') return
    if (Date.now() > until) {
      throw new Error(`the API server at ${apiServer} did not become ready: ${answer}\n${logTail('kube-apiserver')}`)
    }
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}
