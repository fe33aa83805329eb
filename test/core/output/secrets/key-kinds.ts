import { fill, type Random } from './random.ts'

/** Types of private keys in PEM armour, and the first bytes (base64) of what is inside. */
const pemTypes: readonly (readonly [type: string, begin: string])[] = [
  ['RSA PRIVATE KEY', 'MIIEowIBAAKCAQEA'],
  ['EC PRIVATE KEY', 'MHcCAQEEI'],
  ['DSA PRIVATE KEY', 'MIIBuwIBAAKBgQ'],
  ['PRIVATE KEY', 'MIIEvQIBADANBgkqhkiG9w0BAQEFAASC'],
  ['ENCRYPTED PRIVATE KEY', 'MIIFHDBOBgkqhkiG9w0BBQ0wQTAp'],
  ['OPENSSH PRIVATE KEY', 'b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAE'],
  ['ANY PRIVATE KEY', ''],
  ['PGP PRIVATE KEY BLOCK', 'lQOYBF'],
  ['OpenVPN Static key V1', ''],
  ['SSH2 ENCRYPTED PRIVATE KEY', 'P2/56wAAA'],
]

/** Ways in which the lines of a key stand in an output. */
const wrappings: Readonly<Record<string, (lines: readonly string[]) => string>> = {
  plain: (lines) => lines.join('\n'),
  indented: (lines) => lines.map((line) => `    ${line}`).join('\n'),
  journal: (lines) => lines.map((line) => `Nov 27 10:00:00 n1 x[1]: ${line}`).join('\n'),
  container: (lines) => lines.map((line, at) => `2026-11-27T10:00:0${at % 10}.123456789Z stdout F ${line}`).join('\n'),
  'pods of kubectl': (lines) => lines.map((line) => `[pod/web-7d9c/app] ${line}`).join('\n'),
  quoted: (lines) => lines.map((line) => `> ${line}`).join('\n'),
  diff: (lines) => lines.map((line) => `+${line}`).join('\n'),
  numbered: (lines) => lines.map((line, at) => `${String(at + 1).padStart(6)}\t${line}`).join('\n'),
  grep: (lines) => lines.map((line) => `/etc/tls/key.pem:${line}`).join('\n'),
  json: (lines) => `{"key":"${lines.join('\\n')}\\n"}`,
  'json in json': (lines) => `{"log":"{\\"key\\":\\"${lines.join('\\\\n')}\\\\n\\"}"}`,
  'one line': (lines) => `KEY="${lines.join(' ')}"`,
  'without line ends': (lines) => `KEY=${lines.join('')}`,
  'carriage returns': (lines) => lines.join('\r\n'),
  yaml: (lines) => `data: |\n${lines.map((line) => `  ${line}`).join('\n')}\nnext: 1`,
  'no end': (lines) => lines.slice(0, -1).join('\n'),
}

/** Secrets that span lines: each kind's name, the name of its form, and what makes a text with its secret parts. */
export function keyTexts(random: (name: string) => Random): { kind: string; form: string; template: string }[] {
  const texts = pemTypes.flatMap(([type, begin]) =>
    Object.entries(wrappings).map(([form, wrap]) => {
      const rest = type.startsWith('OpenVPN') ? '«⟨hex:32⟩»' : '«⟨base64:64⟩»'
      const body = [
        `«${begin}⟨base64:${64 - begin.length}⟩»`,
        ...Array.from({ length: 4 }, () => rest),
        '«⟨base64:22⟩==»',
      ]
      const template = wrap([`-----BEGIN ${type}-----`, ...body, `-----END ${type}-----`])
      return {
        kind: form === 'plain' ? `pem ${type}` : `pem ${form}`,
        form: `${type}/${form}`,
        template: fill(template, random(`${type}/${form}`)),
      }
    }),
  )
  const ppk = [
    'PuTTY-User-Key-File-3: ssh-ed25519',
    'Encryption: none',
    'Comment: a',
    'Public-Lines: 2',
    '⟨base64:64⟩',
    '⟨base64:16⟩',
    'Private-Lines: 1',
    '«⟨base64:48⟩»',
    'Private-MAC: «⟨hex:64⟩»',
  ]
  return [
    ...texts,
    { kind: 'putty key', form: 'plain', template: fill(ppk.join('\n'), random('ppk')) },
    {
      kind: 'putty key',
      form: 'journal',
      template: fill(ppk.map((line) => `Nov 27 10:00:00 n1 x[1]: ${line}`).join('\n'), random('ppk2')),
    },
    { kind: 'der key in base64', form: 'rsa', template: fill('k «MIIEpAIBAAKCAQEA⟨base64:600⟩» x', random('der1')) },
    {
      kind: 'der key in base64',
      form: 'pkcs8',
      template: fill('k «MIIEvQIBADANBgkqhkiG9w0BAQEFAASC⟨base64:600⟩» x', random('der2')),
    },
    { kind: 'der key in base64', form: 'ec', template: fill('k «MHcCAQEEI⟨base64:150⟩==» x', random('der3')) },
    {
      kind: 'der key in base64',
      form: 'ed25519',
      template: fill('k «MC4CAQAwBQYDK2VwBCIEI⟨base64:43⟩» x', random('der4')),
    },
  ]
}
