import type { Hint, SpecialArgument, Tool } from '#core/request/tool'
import { digInsight } from './insight/dns-insight.ts'
import { measureDns } from './insight/measure-tool-output.ts'
import {
  asking,
  checkArguments,
  findDetours,
  readArguments,
  reading,
  special,
  toUnknownDetour,
} from './kit/arguments.ts'
import { notInImage } from './kit/hints.ts'
import { nameServer, plainNeeds, toReading } from './kit/reading-and-needs.ts'

// Source: dig(1) of BIND 9.20.
const options = [
  ...reading('-4 -6 -b= -c= -d -h -i -m -n -p= -q= -r -t= -u -v -x= -y='),
  ...asking(special('reads its questions from a file', '-f=')),
  ...special('reads a key from a file', '-k='),
]

const readingPlus = new Set(
  `aaflag aaonly additional adflag all answer authority badcookie besteffort bufsize cdflag class cmd coflag comments
  cookie crypto defname dns64prefix dnssec do domain dscp edns ednsflags ednsnegotiation ednsopt expandaaaa expire fail
  fuzztime header-only http-plain http-plain-get http-plain-post https https-get https-post identify idn idnin idnout
  ignore keepalive keepopen mapped multiline ndots noall nsid nssearch onesoa padding proxy proxy-plain qid qr question
  raflag rdflag recurse retry rrcomments search short showallmessages showbadcookie showbadvers showsearch split stats
  subnet svcparamkeycompat tcflag tcp time timeout tls tls-hostname topdown trace tries ttlid ttlunits unexpected
  unknownformat vc yaml zflag`.split(/\s+/),
)

/** Options with which dig asks the name servers that another one names. */
const followingPlus = ['nssearch', 'trace']

const filePlus = ['tls-ca', 'tls-certfile', 'tls-keyfile', 'trusted-key']

export const noNameServer: Hint = {
  pattern: 'connection timed out; no servers could be reached|no servers could be reached',
  hint: 'No name server answered: is UDP 53 to it open? Try another one (`dig @10.0.0.10 NAME`) and TCP (`+tcp`).',
}

export const dig: Tool = {
  name: 'dig',
  about: 'What does DNS answer?',
  examples: ['dig example.org +short', 'dig @10.0.0.10 kubernetes.default.svc.cluster.local', 'dig -x 10.224.0.4'],
  hints: [
    noNameServer,
    {
      pattern: 'communications error',
      hint: 'The name server could not be reached: refused means nothing listens there, timed out means it is filtered.',
    },
    {
      pattern: "couldn't get address for",
      hint: 'The name after `@` does not resolve; use the IP address of the name server.',
    },
    notInImage,
  ],
  reaches: nameServer,
  hostNotation: 'server',
  insight: digInsight,
  measure: measureDns,
  read: (argv) => {
    const given = readArguments(argv.slice(1), options, { terminator: false })
    const checked = checkArguments('dig', given, true)
    const plus = given.operands.filter((arg) => arg.startsWith('+')).map(toPlusName)
    const files = plus.flatMap(findFileOptions)
    const known = plus.every(
      (name) => findFileOptions(name).length > 0 || [...readingPlus].some((o) => o.startsWith(name)),
    )
    return toReading(argv, {
      needs: plainNeeds(known ? checked.effect : 'write'),
      special: [...checked.special, ...files],
      sendsInput: checked.sendsInput,
      discloses: checked.special.length + files.length > 0,
      detours: [...findDetours('dig', given), ...plus.flatMap(findPlusDetours)],
    })
  },
}

function toPlusName(arg: string): string {
  const name = arg.slice(1).split('=')[0] ?? ''
  return name.replace(/^no/, '').toLowerCase()
}

/** Returns an option that leads dig to other servers; an unknown one may do anything. */
function findPlusDetours(name: string): SpecialArgument[] {
  const known = [...readingPlus].filter((option) => option.startsWith(name))
  const why = 'it asks name servers that others name'
  if (known.length === 0 && findFileOptions(name).length === 0) return [toUnknownDetour(`dig +${name}`)]
  const following = readingPlus.has(name) ? [name] : known
  return followingPlus.filter((option) => following.includes(option)).map((option) => ({ name: `dig +${option}`, why }))
}

// dig accepts any prefix of an option's name, so a prefix of a file option counts as that option.
function findFileOptions(name: string): SpecialArgument[] {
  if (readingPlus.has(name) || name === '') return []
  return filePlus
    .filter((option) => option.startsWith(name))
    .map((option) => ({ name: `dig +${option}`, why: 'it reads a file' }))
}
