import { elsewhere, namedElsewhere } from './leading-elsewhere.ts'

/** A command that leads, or may lead, to a host that the owner denied. Words are separated by spaces, or listed where one contains a space. */
export type DestinationCase = {
  words: string | readonly string[]
  /** Where the notation is described: manual page, RFC, CVE, article; `own` for one that was found by trial. */
  source: string
  /** True where the set names each option of the command that leads elsewhere, so that only its destination can be refused. */
  named?: true
}

/** Addresses of the names in the cases. A name that isn't listed has none; `unknown.example` can't be looked up. */
export const addressesByName: Readonly<Record<string, readonly string[]>> = {
  'imds.attacker.example': ['93.184.216.34', '169.254.169.254'],
  'six.attacker.example': ['::ffff:169.254.169.254'],
  'translated.attacker.example': ['64:ff9b::a9fe:a9fe'],
  'near.attacker.example': ['169.254.169.1'],
  'xn--mds-qma.attacker.example': ['169.254.169.254'],
  'fassade.attacker.example': ['169.254.169.254'],
  'xn--strae-oqa.attacker.example': ['169.254.169.254'],
  'example.com': ['93.184.216.34'],
  'www.example.com': ['93.184.216.34'],
  'xn--mnchen-3ya.example': ['93.184.216.34'],
}

const sheet = 'PortSwigger, URL validation bypass cheat sheet'
const ssrf = 'Orange Tsai, A New Era of SSRF (2017)'
const aton = 'inet_aton(3)'
const idna = 'UTS #46, 4 Processing'

/** Notations of a denied host that stand where a URL has its host. */
const urlHosts: readonly (readonly [string, string])[] = [
  ['169.254.169.254', 'RFC 3986, 3.2.2'],
  ['169%2e254%2e169%2e254', 'RFC 3986, 2.1'],
  ['%31%36%39.254.169.254', 'RFC 3986, 2.1'],
  ['169%E3%80%82254.169.254', sheet],
  ['%E2%91%A0⑥⑨.254.169.254', sheet],
  ['①⑥⑨.②⑤④.①⑥⑨.②⑤④', sheet],
  ['１６９.２５４.１６９.２５４', idna],
  ['169。254。169。254', idna],
  ['169．254．169．254', idna],
  ['169｡254｡169｡254', idna],
  ['16\u00ad9.254.169.254', idna],
  ['16\u034f9.254.169.254', idna],
  ['169.254.\u206016\u206069.254', idna],
  ['169.254.169.25\ufe0f4', idna],
  ['\u{e0100}169.254.169.254', idna],
  ['169.254.169.254\ufeff', idna],
  ['𝟏𝟔𝟗.𝟐𝟓𝟒.𝟏𝟔𝟗.𝟐𝟓𝟒', idna],
  ['2852039166', aton],
  ['0xa9fea9fe', aton],
  ['0XA9.0xFE.0xa9.0Xfe', aton],
  ['0251.0376.0251.0376', aton],
  ['0000251.00000376.000251.0000376', aton],
  ['0xA9.0376.43518', aton],
  ['169.16689662', aton],
  ['025177524776', aton],
  ['169.254.169.254.', 'RFC 1034, 3.1'],
  ['[::ffff:169.254.169.254]', 'RFC 4291, 2.5.5.2'],
  ['[::FFFF:A9FE:A9FE]', 'RFC 4291, 2.5.5.2'],
  ['[0:0:0:0:0:ffff:a9fe:a9fe]', 'RFC 4291, 2.2'],
  ['[::a9fe:a9fe]', 'RFC 4291, 2.5.5.1'],
  ['[::169.254.169.254]', 'RFC 4291, 2.5.5.1'],
  ['[::ffff:0:169.254.169.254]', 'RFC 2765, 2.1'],
  ['[64:ff9b::169.254.169.254]', 'RFC 6052, 2.1'],
  ['[64:ff9b:1::a9fe:a9fe]', 'RFC 8215'],
  ['[64:ff9b:1:a9fe:a9:fe00::]', 'RFC 6052, 2.2'],
  ['[2002:a9fe:a9fe::1]', 'RFC 3056, 2'],
  ['[2001:0:5db8:d822:8000:63bf:5601:5601]', 'RFC 4380, 4'],
  ['[fe80::5efe:a9fe:a9fe]', 'RFC 5214, 6.1'],
  ['[2001:db8::200:5efe:169.254.169.254]', 'RFC 5214, 6.1'],
  ['[::ffff:169.254.169.254%25lo]', 'RFC 6874'],
  ['[fd00:ec2::254]', 'AWS, instance metadata'],
  ['[fd00:0ec2:0000::0254%25eth0]', 'RFC 6874'],
  ['0', aton],
  ['0x0', aton],
  ['0.0.0.0', aton],
  ['127.1', aton],
  ['[::]', 'RFC 4291, 2.5.2'],
  ['[::1]', 'RFC 4291, 2.5.3'],
  ['[::ffff:0.0.0.0]', 'own'],
  ['[::ffff:127.1.2.3]', sheet],
  ['localhost', 'RFC 6761, 6.3'],
  ['LOCALHOST.', 'RFC 6761, 6.3'],
  ['a.b.localhost', 'RFC 6761, 6.3'],
  ['loca%6Chost', 'own'],
  ['ⓛocalhoſt', idna],
  ['ip6-localhost', 'hosts(5) of a pod'],
  ['ip6-loopback', 'hosts(5) of a pod'],
  ['localhost.localdomain', 'own'],
  ['metadata.google.internal', 'Google, VM metadata'],
  ['METADATA.google.INTERNAL.', 'RFC 4343'],
  ['metadata.google', 'resolv.conf(5), search'],
  ['metadata', 'resolv.conf(5), search'],
  ['ⓜetadata.google.internal', idna],
  ['meta\u00addata.google。internal', idna],
  ['x.metadata.example', 'own'],
  ['x.metadata', 'resolv.conf(5), search'],
  ['instance-data', 'AWS, instance metadata'],
  ['imds.attacker.example', 'RFC 1035'],
  ['IMDS%2Eattacker.example', 'RFC 3986, 2.1'],
  ['ímds.attacker.example', 'RFC 5891'],
  ['faßade.attacker.example', idna],
  ['straße.attacker.example', idna],
  ['xn--mds-qma.attacker.example', 'RFC 5891'],
  ['six.attacker.example.', 'RFC 4291, 2.5.5.2'],
  ['translated.attacker.example', 'RFC 6147'],
  ['169.254.169.254.nip.io', 'nip.io'],
  ['www.169-254-169-254.sslip.io', 'sslip.io'],
  ['unknown.example', 'own'],
]

/** URLs in which the host stands where it isn't expected, or that programs read differently. */
const urls: readonly (readonly [string, string])[] = [
  ['http://169%2e254%2e169%2e254/?x=100%', 'own'],
  ['http://%31%36%39%2e254.169.254/%zz%', 'own'],
  ['http://user:100%@169%2e254.169.254/', 'own'],
  ['http://imds%2eattacker%2eexample/?%', 'own'],
  ['http://user:pass@169.254.169.254:80/', 'RFC 3986, 3.2.1'],
  ['http://u:p%40@imds.attacker.example/', 'RFC 3986, 3.2.1'],
  ['http://example.com@imds.attacker.example/', 'RFC 3986, 3.2.1'],
  ['http://u@example.com@imds.attacker.example/', ssrf],
  ['http://u@imds.attacker.example@example.com/', ssrf],
  ['http://example.com\\@imds.attacker.example/', sheet],
  ['http://imds.attacker.example\\@example.com/', sheet],
  ['http://imds.attacker.example;@example.com/', 'wget(1), url.c'],
  ['http://example.com#@169.254.169.254/', ssrf],
  ['http:///169.254.169.254/', 'curl, lib/urlapi.c'],
  ['http:/imds.attacker.example/', 'curl, lib/urlapi.c'],
  ['http:///imds.attacker.example/', 'curl, lib/urlapi.c'],
  ['HTTP://imds.attacker.example/', 'RFC 3986, 3.1'],
  ['imds.attacker.example', 'curl(1)'],
  ['imds.attacker.example:80/x', 'curl(1)'],
  ['imds.attacker.example/x', 'curl(1)'],
  ['imds.attacker.example?x', 'curl(1)'],
  ['//imds.attacker.example/', 'RFC 3986, 4.2'],
  ['ftp://imds.attacker.example/', 'curl(1)'],
  ['http:\\\\imds.attacker.example\\', sheet],
  ['http://169.254.169.254\t/', 'WHATWG URL, 4.4'],
  ['http://169.254\n.169.254/', 'WHATWG URL, 4.4'],
  ['ht\ntp://imds.attacker.example/', 'WHATWG URL, 4.4'],
  [' http://imds.attacker.example/', 'WHATWG URL, 4.4'],
  ['http://169.254.169.254 .example.com/', ssrf],
  ['http://169.254.169.254%00.example.com/', 'CVE-2019-20907, own'],
  ['http://169.254.169.254%0d%0aHost:x/', ssrf],
  ['http://imds.attacker.example%23.example.com/', ssrf],
  ['http://imds.attacker.example%2f.example.com/', 'CVE-2022-27780'],
  ['http://imds.attacker.example℀.example.com/', 'HostSplit (Black Hat 2019)'],
  ['http://example.com／@imds.attacker.example/', 'HostSplit (Black Hat 2019)'],
  ['http://example.com%C0%AE/', 'RFC 3629, 10'],
  ['http://imds..attacker.example/', 'own'],
  ['http://%/', 'own'],
  ['http://example.com%/', 'own'],
]

const curlOnly: readonly (readonly [string, string])[] = [
  ['curl http://169.254.169.[254-254]/', 'curl(1), URL'],
  ['curl http://169.254.169.{254,253}/', 'curl(1), URL'],
  ['curl {http://imds.attacker.example,http://example.com}/', 'curl(1), URL'],
  ['curl http://{example.com,imds.attacker.example}/', 'curl(1), URL'],
  ['curl http://example.com{/,.}imds/', 'curl(1), URL'],
  ['curl -g http://{imds.attacker.example}/ --no-globoff', 'curl(1), -g'],
  ['curl http://example.com http://imds.attacker.example/', 'curl(1), URL'],
  ['curl http://example.com --next http://imds.attacker.example/', 'curl(1), --next'],
  ['curl http://example.com -: imds.attacker.example', 'curl(1), --next'],
  ['curl --url imds.attacker.example', 'curl(1), --url'],
  ['curl --url=http://imds.attacker.example', 'own'],
  ['curl -sSm5 imds.attacker.example', 'curl(1)'],
  ['curl -m 5 -- imds.attacker.example', 'curl(1)'],
  ['curl --insecure imds.attacker.example', 'curl(1)'],
  ['chroot /host curl imds.attacker.example', 'own'],
  ['/usr/bin/curl imds.attacker.example', 'own'],
  ['timeout 5 curl http://imds.attacker.example/', 'timeout(1)'],
  ['nohup dig nc curl wget -K x', 'own'],
  ['env dig nc curl wget ping x', 'own'],
]

const many = Array.from({ length: 40 }, (_each, at) => `a${at}.example`)
const tooMany: readonly (readonly [readonly string[], string])[] = [
  [['curl', ...many.map((name) => `http://${name}/`), 'http://imds.attacker.example/'], 'own'],
  [['curl', '-A', many.join(' '), 'http://imds.attacker.example/'], 'own'],
  [['curl', '-H', `X: ${many.join(' ')}`, '-sS', 'http://imds.attacker.example/'], 'own'],
  [['curl', ...many.map((name) => `http://${name}/`)], 'own'],
  [['ping', ...many, 'imds.attacker.example'], 'ping(8)'],
  [['nmap', '-sn', ...many, 'imds.attacker.example'], 'nmap(1)'],
  [['wget', '-qO-', ...many, 'imds.attacker.example'], 'own'],
  [['python3', '-c', `print("${many.join(' ')} imds.attacker.example")`], 'own'],
]

/** Notations of a denied host that programs take by getaddrinfo(3) or inet_pton(3), without a URL around it. */
const plainHosts: readonly (readonly [string, string])[] = [
  ['169.254.169.254', 'getaddrinfo(3)'],
  ['2852039166', aton],
  ['0xa9fea9fe', aton],
  ['0251.0376.0251.0376', aton],
  ['169.254.43518', aton],
  ['::ffff:a9fe:a9fe', 'RFC 4291, 2.5.5.2'],
  ['64:ff9b::a9fe:a9fe', 'RFC 6052'],
  ['2002:a9fe:a9fe::', 'RFC 3056'],
  ['fd00:ec2::254%eth0', 'RFC 4007, 11'],
  ['0', aton],
  ['::', 'RFC 4291, 2.5.2'],
  ['localhost', 'RFC 6761, 6.3'],
  ['metadata', 'resolv.conf(5), search'],
  ['metadata.google.internal.', 'RFC 1034, 3.1'],
  ['imds.attacker.example', 'RFC 1035'],
  ['IMDS.Attacker.Example.', 'RFC 4343'],
  ['１６９.254.169.254', idna],
  ['169。254。169。254', idna],
  ['16\u034f9.254.169.254', idna],
  ['ímds.attacker.example', 'RFC 5891'],
  ['unknown.example', 'own'],
]

/** Commands in which `X` stands for the host alone. */
const hostFrames: readonly string[] = [
  'ping -c 1 X',
  'nc -zv X 80',
  'traceroute -n X',
  'mtr -n X',
  'nmap -Pn -p 80 X',
  'iperf3 -c X',
  'dig @X example.com',
  'drill @X example.com',
  'nslookup example.com X',
]

/** Commands in which `X` stands for the host between other parts of an argument; an IPv6 address stands in brackets. */
const portFrames: readonly string[] = [
  'openssl s_client -connect X:443',
  'openssl s_client -brief X:443',
  'socat -u TCP:X:80,connect-timeout=3 STDOUT',
  'socat - OPENSSL:X:443,verify=0',
]

const hostsOnly: readonly (readonly [string, string])[] = [
  ['ping -c1 -4 example.com imds.attacker.example', 'ping(8)'],
  ['ping -c 1 -I eth0 imds.attacker.example', 'ping(8)'],
  ['ping4 imds.attacker.example', 'ping(8)'],
  ['ncat -zv imds.attacker.example 80', 'ncat(1)'],
  ['nc -w 3 imds.attacker.example 80', 'ncat(1)'],
  ['traceroute -g imds.attacker.example example.com', 'traceroute(8)'],
  ['traceroute -nm5 imds.attacker.example 60', 'traceroute(8)'],
  ['mtr', 'mtr(8)'],
  ['mtr -n --report', 'mtr(8)'],
  ['nmap 169.254.0.0/16', 'nmap(1)'],
  ['nmap 169.254.169.250-254', 'nmap(1)'],
  ['nmap 169.254.169.-', 'nmap(1)'],
  ['nmap 169.254.169.*', 'nmap(1)'],
  ['nmap 169,170.254.169.254', 'nmap(1)'],
  ['nmap 0169.0254.0169.0254', 'own'],
  ['nmap near.attacker.example/24', 'nmap(1)'],
  ['nmap -6 fd00:ec2::/64', 'nmap(1)'],
  ['nmap -sn example.com imds.attacker.example', 'nmap(1)'],
  ['nmap -- imds.attacker.example', 'nmap(1)'],
  ['iperf3 --client=imds.attacker.example', 'iperf3(1)'],
  ['iperf3 --cli imds.attacker.example', 'getopt_long(3)'],
  ['iperf3 -Rcimds.attacker.example', 'getopt(3)'],
  ['dig example.com @imds.attacker.example +short', 'dig(1)'],
  ['dig @fd00:ec2::254%eth0 example.com', 'dig(1)'],
  ['nslookup -type=a example.com imds.attacker.example', 'nslookup(1)'],
  ['openssl s_client -port 10250', 'openssl-s_client(1)'],
  ['openssl s_client -connect :10250', 'openssl-s_client(1)'],
  ['openssl s_client -showcerts', 'openssl-s_client(1)'],
  ['openssl s_client -host imds.attacker.example -port 443', 'openssl-s_client(1)'],
  ['openssl s_client --connect imds.attacker.example:443', 'openssl-s_client(1)'],
  ['openssl s_client -connect ::ffff:a9fe:a9fe:443', 'own'],
  ['openssl s_client -connect [::ffff:a9fe:a9fe]:443', 'openssl-s_client(1)'],
  ['openssl s_client -connect imds.attacker.example', 'openssl-s_client(1)'],
  ['openssl s_client -connect imds.attacker.example/x:443', 'own'],
  ['socat - TCP4:imds.attacker.example:80', 'socat(1)'],
  ['socat - tcp-connect:imds.attacker.example:80', 'socat(1)'],
  ['socat - TCP:[::ffff:a9fe:a9fe]:80', 'socat(1)'],
  ['socat - TCP:169.254."169".254:80', 'socat(1), address specifications'],
  ['socat - TCP:169.254.\\169.254:80', 'socat(1), address specifications'],
  ['socat - UDP:imds.attacker.example:53', 'socat(1)'],
  ['socat TCP:example.com:80 TCP:imds.attacker.example:80', 'socat(1)'],
  ['chroot /host ncat -zv imds.attacker.example 80', 'own'],
  ['chroot /host nc -zv 169.254.169.254 80', 'own'],
  ['chroot /host ping imds.attacker.example', 'own'],
]

const from = (rows: readonly (readonly [string | readonly string[], string])[]): DestinationCase[] =>
  rows.map(([words, source]) => ({ words, source }))

const inPort = (host: string) => (/:.*:/.test(host) ? `[${host}]` : host)

/** Every command that has to be refused where its destination is denied. */
export const deniedCases: readonly DestinationCase[] = [
  ...from(urlHosts.map(([host, source]) => [['curl', '-sS', `http://${host}/latest`], source])),
  ...from(urlHosts.map(([host, source]) => [['wget', '-qO-', `http://${host}:80/`], source])),
  ...from(urls.map(([url, source]) => [['curl', '-sS', url], source])),
  ...from(urls.map(([url, source]) => [['wget', '-qO-', url], source])),
  ...from(curlOnly),
  ...from(tooMany),
  ...from(
    hostFrames.flatMap((frame) => plainHosts.map(([host, source]) => [frame.replace('X', host), source] as const)),
  ),
  ...from(
    portFrames.flatMap((frame) =>
      plainHosts.map(([host, source]) => [frame.replace('X', inPort(host)), source] as const),
    ),
  ),
  ...from(hostsOnly),
  ...from(elsewhere),
  ...from(namedElsewhere).map((each) => ({ ...each, named: true as const })),
]
