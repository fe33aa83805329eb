/**
 * Words with which common services tell about themselves and change nothing: ZooKeeper's, Redis', memcached's, SMTP's, and that of `openssl s_client` to end.
 * Source: "ZooKeeper Commands: The Four Letter Words", the Redis and memcached protocols, RFC 5321.
 */
const harmlessWords =
  /^(?:ruok|stat|srvr|mntr|conf|envi|isro|Q|PING|INFO|QUIT|NOOP|HELP|ping|quit|stats|version|(?:HELO|EHLO) [\w.-]+)$/

const httpRequest = /^(?:GET|HEAD|OPTIONS) [!-~]+ HTTP\/1\.[01]$/
const httpHeader = /^[A-Za-z][A-Za-z-]*: ?[ -~]*$/

/** Returns true for a text that makes no service change anything: one such word, or one HTTP request that only reads. */
export function isHarmlessInput(text: string): boolean {
  const lines = text.split(/\r\n|\r|\n/)
  while (lines.at(-1) === '') lines.pop()
  const [first, ...headers] = lines
  if (first === undefined || (headers.length === 0 && harmlessWords.test(first))) return true
  return httpRequest.test(first) && headers.every((line) => httpHeader.test(line))
}
