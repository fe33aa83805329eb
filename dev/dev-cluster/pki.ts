import { chmodSync, existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { run } from '#dev/machine/run'
import { ensureFolder, stateFolder } from './state.ts'
import { apiServer, machineAddress } from './versions.ts'

const days = '3650'

export function pkiFile(name: string): string {
  return stateFolder('pki', name)
}

/** Creates the cluster's certificate authority, and the key that signs service-account tokens, unless they exist. */
export async function makeAuthority(): Promise<void> {
  const folder = ensureFolder('pki')
  chmodSync(folder, 0o700)
  if (existsSync(pkiFile('ca.crt'))) return
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', pkiFile('ca.key')]
  await run('openssl', [
    'req',
    '-x509',
    ...key,
    '-days',
    days,
    '-subj',
    '/CN=retina-dev-cluster',
    '-out',
    pkiFile('ca.crt'),
  ])
  await run('openssl', ['genrsa', '-out', pkiFile('sa.key'), '2048'])
  await run('openssl', ['rsa', '-in', pkiFile('sa.key'), '-pubout', '-out', pkiFile('sa.pub')])
}

/**
 * Creates a key and a certificate for a component or user, unless they exist. `groups` become organisations, which Kubernetes reads as
 * groups.
 */
export async function makeCertificate(
  file: string,
  who: { user: string; groups?: readonly string[]; names?: readonly string[] },
): Promise<{ crt: string; key: string }> {
  const [crt, key, request] = [pkiFile(`${file}.crt`), pkiFile(`${file}.key`), pkiFile(`${file}.csr`)]
  if (existsSync(crt)) return { crt, key }
  const subject = [...(who.groups ?? []).map((group) => `/O=${escaped(group)}`), `/CN=${escaped(who.user)}`].join('')
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', key]
  await run('openssl', ['req', '-new', ...newKey, '-subj', subject, '-out', request])
  const extensions = pkiFile(`${file}.ext`)
  const names = who.names === undefined ? '' : `subjectAltName=${who.names.join(',')}\n`
  writeFileSync(extensions, `extendedKeyUsage=clientAuth,serverAuth\n${names}`)
  const authority = ['-CA', pkiFile('ca.crt'), '-CAkey', pkiFile('ca.key'), '-CAcreateserial']
  await run('openssl', [
    'x509',
    '-req',
    '-in',
    request,
    ...authority,
    '-days',
    days,
    '-extfile',
    extensions,
    '-out',
    crt,
  ])
  return { crt, key }
}

// An unescaped slash would begin the next part of the subject.
function escaped(part: string): string {
  return part.replaceAll(/[\\/+=]/g, (character) => `\\${character}`)
}

/** Returns the subject alternative names of the API server's certificate: its addresses, and the names by which pods reach it. */
export function apiServerNames(): string[] {
  const dns = [
    'kubernetes',
    'kubernetes.default',
    'kubernetes.default.svc',
    'kubernetes.default.svc.cluster.local',
    'localhost',
  ]
  return [...dns.map((name) => `DNS:${name}`), 'IP:10.96.0.1', 'IP:127.0.0.1', `IP:${machineAddress}`]
}

/** Returns the text of a kubeconfig with the certificates and key at these paths. */
export function kubeconfigText(user: string, files: { ca: string; crt: string; key: string }): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'dev',
    clusters: [{ name: 'dev', cluster: { server: apiServer, 'certificate-authority': files.ca } }],
    users: [{ name: user, user: { 'client-certificate': files.crt, 'client-key': files.key } }],
    contexts: [{ name: 'dev', context: { cluster: 'dev', user } }],
  })
}

/** Writes a kubeconfig for a user of the cluster to `<file>.json`, and resolves with its path. */
export async function writeKubeconfig(file: string, user: string, groups: readonly string[] = []): Promise<string> {
  const certificate = await makeCertificate(file, { user, groups })
  const path = join(ensureFolder('kubeconfigs'), `${file}.json`)
  writeFileSync(path, kubeconfigText(user, { ca: pkiFile('ca.crt'), ...certificate }), { mode: 0o600 })
  return path
}
