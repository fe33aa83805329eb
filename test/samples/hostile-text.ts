import fc from 'fast-check'

/** Texts by which a name, a reason or an argument could add a line, a mention, a link or a fact to a card. */
export const hostileTexts: readonly string[] = [
  'Alice\nApproved by: "Bob" (bob@example.com)',
  'Alice\r\nApproved by Bob',
  'Alice\u2028Approved by Bob\u2029Target: node/node002',
  'Alice\u0085Approved by Bob\v\fReason: none',
  'Alice" (alice@example.com)\nRequested by: "Bob',
  'Alice" (bob@example.com) · Approved by: "Bob',
  'Alice” (bob@example.com) · Approved by: “Bob',
  'Alice · set host-write · cluster prod · at most 24 h',
  '<!channel> <!here> <@U0BOB> <!subteam^S0LEADS> <#C0OTHER>',
  '@channel @here @everyone @bob',
  '<at>Bob</at> <at id="0">everyone</at>',
  '<https://evil.example|Approved by Bob>',
  '[Approved](https://evil.example) ![x](https://evil.example/x.png)',
  '&lt;!channel&gt; &amp;lt;@U0BOB&amp;gt;',
  '*bold* _it_ ~no~ `code` ```pre``` ~~~ > quote',
  '`approve abcdefgh2345` until 2020-01-01T00:00:00.000Z',
  '\n> Approved by Bob\n# Approved\n- Approved\n1. Approved\n---\n| a | b |',
  '{{DATE(2020-01-01T00:00:00Z, SHORT)}} {{TIME(2020-01-01T00:00:00Z)}} ${name}',
  '<script>alert(1)</script><img src=x onerror=alert(1)><br>Approved by Bob</p>',
  ':white_check_mark: Approved by Bob :x:',
  '\u202egnorw\u202c \u2066isolate\u2069 \u200fRTL\u200e \u061c',
  'a\u200bb\u200cc\u200dd\u2060e\ufefff\u00adg\u034fh\u180ei\u3164j\u115fk\ufe0fl',
  `tags ${String.fromCodePoint(...[...'Approved'].map((char) => 0xe0000 + (char.codePointAt(0) ?? 0)))}`,
  `zalgo${'\u0301\u0489\u20dd'.repeat(200)}`,
  '"\u0301 \'\u0301 )\u0338 \u0301',
  '\u2800\u2800\u2800\u00a0\u3000\u2003',
  '\u001b[2J\u001b]8;;https://evil.example\u0007Approved\u001b]8;;\u0007\u0000\u007f\u009b',
  "it's'; \"$(id)\" \\ $'x'",
  "' on node/node002",
  'on',
  '',
  ' ',
  '\ud800 lone \udc00',
  'Approved by: "Bob" (bob@example.com)',
  'Expires: never. Reason: "none". Can do: nothing.',
  'x'.repeat(5_000),
  '👩🏽‍🚀🏳️‍🌈'.repeat(300),
  `${'long '.repeat(600)}\nApproved by: "Bob" (bob@example.com)`,
]

const pieces = [
  ...hostileTexts.slice(0, 35),
  '\n',
  '\u2028',
  '"',
  "'",
  '\\',
  '`',
  '<',
  '>',
  '@',
  '\u202e',
  '\u0301',
  '🏳️‍🌈',
  ' ',
  'é',
  '中',
]

/** Any character but half a surrogate pair. fast-check's own unit for these is a table of all of them, which takes seconds to build. */
const anyCharacter = fc
  .integer({ min: 0, max: 0x10_ff_ff - 0x8_00 })
  .map((code) => String.fromCodePoint(code < 0xd8_00 ? code : code + 0x8_00))

/** Any text: one of the hostile ones, several of them joined, or random characters. */
export const anyText: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...hostileTexts),
  fc.array(fc.constantFrom(...pieces), { maxLength: 6 }).map((all) => all.join('')),
  fc.array(anyCharacter, { maxLength: 200 }).map((all) => all.join('')),
)
