import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from '#dev/machine/run'

/** Certificate of a test's own authority, and a key and certificate that it has signed. `caFile`: path of the authority's certificate. */
export type TestAuthority = { caFile: string; ca: string; key: string; cert: string; remove: () => void }

/** Makes a certificate authority, and a certificate for these names and addresses and 127.0.0.1. */
export async function makeTestAuthority(names: readonly string[]): Promise<TestAuthority> {
  const folder = mkdtempSync(join(tmpdir(), 'retina-ca-'))
  const at = (name: string) => join(folder, name)
  const newKey = (file: string) => [
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:prime256v1',
    '-nodes',
    '-keyout',
    at(file),
  ]
  await run('openssl', [
    'req',
    '-x509',
    ...newKey('ca.key'),
    '-days',
    '2',
    '-subj',
    '/CN=retina-test',
    '-out',
    at('ca.crt'),
  ])
  await run('openssl', ['req', '-new', ...newKey('own.key'), '-subj', '/CN=own', '-out', at('own.csr')])
  const alternatives = [...names.map((name) => `${isIP(name) === 0 ? 'DNS' : 'IP'}:${name}`), 'IP:127.0.0.1'].join(',')
  writeFileSync(at('own.ext'), `extendedKeyUsage=serverAuth\nsubjectAltName=${alternatives}\n`)
  const signed = [
    '-CA',
    at('ca.crt'),
    '-CAkey',
    at('ca.key'),
    '-CAcreateserial',
    '-days',
    '2',
    '-extfile',
    at('own.ext'),
  ]
  await run('openssl', ['x509', '-req', '-in', at('own.csr'), ...signed, '-out', at('own.crt')])
  const read = (name: string) => readFileSync(at(name), 'utf8')
  return {
    ...{ caFile: at('ca.crt'), ca: read('ca.crt'), key: read('own.key'), cert: read('own.crt') },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}
