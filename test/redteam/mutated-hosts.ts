import fc from 'fast-check'

/** Hosts that are denied, and one that isn't, in notations that mutations start from. */
const hosts = [
  '169.254.169.254',
  '2852039166',
  '0xa9fea9fe',
  '0251.0376.0251.0376',
  '169.254.43518',
  '[::ffff:169.254.169.254]',
  '[::ffff:a9fe:a9fe]',
  '[fd00:ec2::254]',
  '127.1',
  'localhost',
  'metadata.google.internal',
  'metadata',
  'imds.attacker.example',
  'ímds.attacker.example',
  'faßade.attacker.example',
  'example.com',
]

const urlFrames = [
  ...['http://X/', 'http://X', 'http://X:80/', 'HTTP://X/a?b', 'X', 'X:80', 'X:80/a', 'X/a', 'ftp://X:80/'],
  ...['http://u:p@X/', 'http://example.com@X/', 'http://X@example.com/', 'http://u@X@example.com/'],
  ...['http://u@example.com@X/', 'http://example.com\\@X/', 'http://X\\@example.com/', 'http://X;@example.com/'],
  ...[
    'http://example.com#@X/',
    'http://X#@example.com/',
    'http://example.com?@X/',
    'http://X/?x=100%',
    'http://u%@X/%',
  ],
  ...['//X/', 'http:/X/', 'http:///X/', 'http:X', 'http:\\\\X\\', 'http://X:/', 'http://X:080/', 'X:/a'],
  ...[
    'http://{X,example.com}/',
    '{http://X,x}/',
    'http://[X]/',
    'http://X[1-2]/',
    'http://X.',
    'http://X%00.example.com/',
  ],
]
const plainFrames = ['X', 'X', 'X', '[X]', 'X.', 'X%lo', ' X', 'X:80', 'x@X', 'http://X']

/** Letters that programs may read as another one, or as none. */
const alike = (char: string) => {
  const digit = /\d/.test(char) ? Number(char) : undefined
  const letter = /[a-z]/.test(char) ? char.charCodeAt(0) - 97 : undefined
  return [
    `%${char.charCodeAt(0).toString(16).padStart(2, '0')}`,
    char.toUpperCase(),
    ...(/[!-~]/.test(char) ? [String.fromCharCode(char.charCodeAt(0) + 0xfee0)] : []),
    ...(digit === undefined ? [] : [String.fromCodePoint(0x1d7ce + digit), '⓪①②③④⑤⑥⑦⑧⑨'.charAt(digit)]),
    ...(letter === undefined ? [] : [String.fromCodePoint(0x24d0 + letter), String.fromCodePoint(0x1d41a + letter)]),
    ...(char === '.' ? ['。', '．', '｡', '%E3%80%82', '%2E', '..'] : []),
    ...(char === 's' ? ['ſ'] : []),
    ...(char === 'k' ? ['\u212a'] : []),
  ]
}
const inserted = [
  ...['\u00ad', '\u034f', '\u200b', '\u2060', '\ufe0f', '\u{e0100}', '\u200d', '\u180b', '\u2064', '\u3164', '\u0301'],
  ...['%', '%00', '%09', '%0a', '%20', '%40', '%2f', '%5c', '%23', '%c2%ad', '%zz', '%E3%80%82', '\t', '\n', ' '],
  ...[
    '@',
    ':',
    '/',
    '\\',
    ';',
    '#',
    '?',
    ',',
    '.',
    '0',
    '0x',
    '1',
    '-',
    '{',
    '}',
    '[',
    ']',
    '[1-1]',
    '{}',
    '|',
    '&',
    "'",
  ],
  ...['u@', ':80', '.example.com', '℀', '／', '＠', '：', '＃', '？', '\u2024', 'ß'],
]

type Mutation = { at: number; pick: number; insert: boolean }

function mutate(text: string, { at, pick, insert }: Mutation): string {
  const chars = [...text]
  const place = at % (chars.length + 1)
  const choices = insert ? inserted : alike(chars[place] ?? '.')
  const chosen = choices[pick % choices.length] ?? ''
  return [...chars.slice(0, place), chosen, ...chars.slice(insert ? place : place + 1)].join('')
}

const mutation = fc.record({ at: fc.nat(60), pick: fc.nat(1_000), insert: fc.boolean() })

/** Returns hosts in URLs, or alone, each changed at a few places; the same ones for the same seed. */
export function mutatedHosts(kind: 'url' | 'plain', seed: number, count: number): string[] {
  const mutated = fc
    .tuple(
      fc.constantFrom(...hosts),
      fc.constantFrom(...(kind === 'url' ? urlFrames : plainFrames)),
      fc.array(mutation, { maxLength: 2 }),
      fc.array(mutation, { maxLength: kind === 'url' ? 1 : 0 }),
    )
    .map(([host, frame, inHost, inAll]) =>
      inAll
        .reduce(
          mutate,
          frame.replace('X', () => inHost.reduce(mutate, host)),
        )
        .replaceAll('\0', ''),
    )
  return fc.sample(mutated, { seed, numRuns: count })
}
