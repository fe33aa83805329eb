import type { Tool } from '#core/request/tool'
import {
  asking,
  changing,
  checkArguments,
  detour,
  findDetours,
  findFtpDetours,
  isGiven,
  readArguments,
  reading,
  sending,
  special,
  specialChange,
  toOutput,
  unless,
  valuesOf,
} from './kit/arguments.ts'
import { notInImage } from './kit/hints.ts'
import { bounded, plainNeeds, refuse, toReading } from './kit/reading-and-needs.ts'

// Source: wget(1) 1.21. `-nv`, `-nc`, … begin with `-n`, which has no meaning alone.
const options = [
  ...reading('-n -q,--quiet -v,--verbose --no-verbose -d,--debug -S,--server-response --spider -4,--inet4-only'),
  ...reading(
    '-6,--inet6-only -T,--timeout= --dns-timeout= --connect-timeout= --read-timeout= -t,--tries= -U,--user-agent=',
  ),
  ...reading('--header= --referer= --no-check-certificate --no-proxy --no-cache'),
  ...reading('--no-cookies --no-hsts --limit-rate= --bind-address= --secure-protocol= --content-on-error -V,--version'),
  ...reading('--retry-connrefused --retry-on-http-error= --waitretry= --prefer-family= --no-dns-cache -h,--help'),
  ...reading(
    '--user= --password= --http-user= --http-password= --no-http-keep-alive --ciphers= --no-netrc --no-config',
  ),
  ...reading(
    '--progress= --show-progress --wait= --random-wait --compression= --proxy-user= --proxy-password= --no-iri',
  ),
  ...reading('--auth-no-challenge --ignore-length --reject= --accept= --quota= --report-speed= --certificate-type='),
  // Also classified by its value, in `read`.
  ...reading('--method='),
  ...reading('--save-headers --https-only --no-parent --no-directories --no-host-directories --no-clobber'),
  ...changing('--post-data= --body-data= -c,--continue -b,--background -N,--timestamping'),
  ...detour('follows links to other hosts', '-r,--recursive -p,--page-requisites -m,--mirror -H,--span-hosts', 'write'),
  ...detour('reads addresses as parts of another one', '-B,--base=', 'write'),
  ...detour('follows redirects to other hosts', '--max-redirect='),
  ...unless(toOutput, specialChange('writes a file', '-O,--output-document= -o,--output-file= -a,--append-output=')),
  ...specialChange('writes a file', '-P,--directory-prefix= --warc-file= --save-cookies= --hsts-file= --rejected-log='),
  ...sending(specialChange('sends a file', '--post-file= --body-file=')),
  ...specialChange('reads further commands', '-e,--execute= --config='),
  ...specialChange('runs a program', '--use-askpass='),
  ...asking(special('asks for the lines of a file', '-i,--input-file=')),
  ...special('reads a file', '--input-metalink= --load-cookies= --certificate= --private-key='),
  ...special(
    'reads a file',
    '--ca-certificate= --ca-directory= --crl-file= --pinnedpubkey= --random-file= --egd-file=',
  ),
]

export const wget: Tool = {
  name: 'wget',
  about: 'What does an HTTP server answer? (like curl, with other options)',
  examples: ['wget -qO- http://10.224.0.4:8080/healthz', 'wget -S --spider https://example.org'],
  hints: [
    { pattern: 'unable to resolve host address', hint: 'The name was not resolved: ask with `dig NAME`.' },
    {
      pattern: 'Cannot write to|Permission denied',
      hint: 'wget writes a file unless it is told not to: `wget -qO- ADDRESS` prints it here.',
    },
    notInImage,
  ],
  reaches: (argv) => {
    const given = readArguments(argv.slice(1), options)
    return [...given.operands, ...valuesOf(given, '--base')]
  },
  hostNotation: 'url',
  read: (argv) => {
    const given = readArguments(argv.slice(1), options)
    if (given.operands.length > 0 && !isGiven(given, '-O', '--spider', '-P')) {
      return refuse(argv, 'wget would write a file into the debug container.', 'To see it here: `wget -qO- ADDRESS`.')
    }
    const checked = checkArguments('wget', given)
    const methods = valuesOf(given, '--method').map((method) => method.toUpperCase())
    const sends = methods.some((method) => !['GET', 'HEAD', 'OPTIONS'].includes(method))
    const limits = isGiven(given, '-T', '-t') ? [] : ['-T', '10', '-t', '1']
    const redirects = isGiven(given, '--max-redirect') ? [] : ['--max-redirect=0']
    const follows = valuesOf(given, '--max-redirect').some((count) => count !== '0')
    return toReading(bounded(argv, ...limits, ...redirects), {
      needs: plainNeeds(sends ? 'write' : checked.effect),
      notes: [
        ...(limits.length === 0 ? [] : ['-T 10 -t 1: wget tries twenty times by default']),
        ...(redirects.length === 0 ? [] : ['--max-redirect=0: a redirect may lead to any host']),
      ],
      special: checked.special,
      sendsInput: checked.sendsInput,
      discloses: checked.special.length > 0,
      detours: [
        ...findDetours('wget', given).filter(({ name }) => name !== 'wget --max-redirect' || follows),
        ...findFtpDetours('wget', given.operands),
      ],
    })
  },
}
