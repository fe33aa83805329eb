import { expect, test } from '@jest/globals'
import { hintForOutput } from '#core/output/hints'
import { catalogue } from '#src/tools/index'

const hintOf = (tool: string, text: string) => hintForOutput([tool], text, false, catalogue)

test.each([
  ['ping', 'ping: socket: Operation not permitted\n', /raw socket/],
  [
    'ping',
    'PING 10.96.0.1\nping: sendmsg: Operation not permitted\n2 packets, 100% packet loss\n',
    /rule or a policy of this host/,
  ],
  ['ping', '2 packets transmitted, 0 received, 100% packet loss, time 1010ms\n', /many networks drop ICMP/],
  ['nc', 'nc: connect to 10.0.0.1 port 79 (tcp) failed: Connection refused\n', /nothing listens/],
  ['nslookup', "** server can't find nosuch: NXDOMAIN\n", /does not know this name/],
  ['crictl', "chroot: failed to run command 'crictl': No such file or directory\n", /no crictl/],
])('%s: a hint where its cause is proven: %j', (tool, text, hint) => {
  expect(hintOf(tool, text)).toMatch(hint)
})

test.each([
  [
    'ping',
    'From 10.0.0.1 icmp_seq=1 Destination Host Unreachable\n2 packets transmitted, 0 received, 100% packet loss\n',
  ],
  ['ping', 'ping: local error: message too long, mtu=1500\n2 packets transmitted, 0 received, 100% packet loss\n'],
  ['curl', 'Our page about\n  curl: (7) and its meaning\n'],
  ['nc', 'The server wrote: Connection refused\n'],
  ['nslookup', "Name:\tdb\nAddress: 10.96.3.7\n\n** server can't find db: NXDOMAIN\n"],
  ['ethtool', 'Cannot get device settings: Operation not supported\n'],
  ['crictl', 'FATA[0000] container "x" not found\n'],
  ['openssl', 'error:0A000126:SSL routines:ssl3_read_n:unexpected eof while reading\n'],
  ['journalctl', 'Nov 24 10:00:00 node001 web[1]: sh: foo: command not found\n'],
])('%s: no hint where another cause is possible: %j', (tool, text) => {
  expect(hintOf(tool, text)).toBeUndefined()
})

test('after a success, only additional information is a hint', () => {
  expect(hintForOutput(['ping'], '100% packet loss', true, catalogue)).toBeUndefined()
  expect(hintForOutput(['iptables'], '# Warning: iptables-legacy tables present', true, catalogue)).toMatch(/Legacy/)
})
