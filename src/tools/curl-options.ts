import {
  type Arguments,
  asking,
  changing,
  detour,
  reading,
  sending,
  special,
  specialChange,
  toOutput,
  unless,
  valuesOf,
  withDetours,
} from './kit/arguments.ts'

const readsFile = 'reads a file'
const writesFile = 'writes a file'

// Source: curl(1) 8.x, and the table in its src/tool_getparam.c. An option that isn't listed counts as `write`.
const allOptions = [
  ...reading('-0,--http1.0 -1,--tlsv1 -4,--ipv4 -6,--ipv6 -#,--progress-bar -A,--user-agent= -e,--referer='),
  ...reading(
    '-f,--fail -g,--globoff -G,--get -h,--help -i,--include,--show-headers -I,--head -j,--junk-session-cookies',
  ),
  ...reading('-k,--insecure -l,--list-only -m,--max-time= -M,--manual -N,--no-buffer -p,--proxytunnel'),
  ...reading(
    '-q,--disable -r,--range= -s,--silent -S,--show-error -u,--user= -U,--proxy-user= -v,--verbose -V,--version',
  ),
  ...reading('-y,--speed-time= -Y,--speed-limit= -Z,--parallel -:,--next -B,--use-ascii --anyauth --basic --digest'),
  ...reading('--ntlm --negotiate --ca-native --cert-status --ciphers= --compressed --connect-timeout='),
  ...reading('--curves= --disable-eprt --disable-epsv'),
  ...reading('--doh-cert-status --doh-insecure --expect100-timeout= --fail-early --fail-with-body --false-start'),
  ...reading(
    '--ftp-pasv --ftp-skip-pasv-ip --happy-eyeballs-timeout-ms= --haproxy-clientip= --haproxy-protocol --http0.9',
  ),
  ...reading('--http1.1 --http2 --http2-prior-knowledge --http3 --http3-only --ignore-content-length'),
  ...reading('--ip-tos= --keepalive-cnt= --keepalive-time= --limit-rate= --local-port= --max-filesize='),
  ...reading('--max-redirs= --mptcp --no-alpn --no-keepalive --no-npn --no-progress-meter --no-sessionid --noproxy='),
  ...reading(
    '--oauth2-bearer= --parallel-immediate --parallel-max= --path-as-is --post301 --post302 --post303 --proto=',
  ),
  ...reading(
    '--proxy-anyauth --proxy-basic --proxy-ca-native --proxy-digest --proxy-http2 --proxy-insecure --proxy-tlsv1',
  ),
  ...reading('--rate= --raw --request-target= --retry= --retry-all-errors --retry-connrefused --retry-delay='),
  ...reading('--retry-max-time= --sigalgs= --ssl --ssl-reqd --styled-output --suppress-connect-headers --tcp-fastopen'),
  ...reading(
    '--tcp-nodelay --tls-max= --tls13-ciphers= --tlsv1.0 --tlsv1.1 --tlsv1.2 --tlsv1.3 --tr-encoding --trace-ids',
  ),
  ...reading('--trace-config= --trace-time --vlan-priority= --out-null'),
  ...reading('--aws-sigv4= --delegation= --tlsauthtype= --tlsuser= --tlspassword= --cert-type= --key-type= --pass='),
  ...reading('--proxy-ciphers= --proxy-tls13-ciphers= --proxy-negotiate --proxy-ntlm --proxy-cert-type= --proxy-pass='),
  ...reading('--disallow-username-in-url --ssl-no-revoke --ssl-revoke-best-effort --ssl-allow-beast --ntlm-wb'),
  ...detour('follows redirects to other hosts', '-L,--location --location-trusted --follow --no-ftp-skip-pasv-ip'),
  ...detour('connects to another host than the one in the address', '--resolve= --connect-to='),
  ...detour('asks other name servers', '--doh-url= --dns-servers= --dns-interface= --dns-ipv4-addr= --dns-ipv6-addr='),
  ...detour('leaves by another interface', '--interface='),
  // Methods, bodies, addresses and proxies are also classified by their values, in curl.ts.
  ...reading('--url= -X,--request= -x,--proxy= --preproxy= --socks4= --socks4a= --socks5= --socks5-hostname='),
  ...reading('--proxy1.0= --data-raw= --form-string='),
  ...unless(toOutput, specialChange(writesFile, '-o,--output= -D,--dump-header= --trace= --trace-ascii= --stderr=')),
  ...unless(toOutput, specialChange(writesFile, '-c,--cookie-jar=')),
  ...unless(/^(?!@)(?!.*%output\{)/s, specialChange('reads or writes a file', '-w,--write-out=')),
  ...unless(/^(?!@)/, sending(special(readsFile, '-d,--data= --data-ascii= --data-binary= --json= -H,--header='))),
  ...unless(/^(?!@)/, sending(special(readsFile, '--proxy-header='))),
  ...unless(/^(?![^=]*@)/, sending(special(readsFile, '--data-urlencode= --url-query='))),
  ...unless(/^[^@<]*$/, sending(special(readsFile, '-F,--form='))),
  // A cookie without `=` is the name of a file.
  ...unless(/=|^$/, sending(special(readsFile, '-b,--cookie='))),
  ...specialChange(writesFile, '-O,--remote-name --remote-name-all -J,--remote-header-name'),
  ...specialChange(
    writesFile,
    '--output-dir= --create-dirs --etag-save= --libcurl= --hsts= --alt-svc= --ssl-sessions=',
  ),
  ...sending(specialChange('sends a file', '-T,--upload-file=')),
  ...asking(specialChange('reads further options from a file', '-K,--config=')),
  ...specialChange('sends commands of its own to the server', '-Q,--quote= -t,--telnet-option='),
  ...sending(special('reads files or the environment into arguments', '--variable=')),
  ...special('reads passwords from a file', '-n,--netrc --netrc-optional --netrc-file='),
  ...special(
    'uses certificates or keys from files',
    '-E,--cert= --key= --pubkey= --cacert= --capath= --crlfile= --knownhosts=',
  ),
  ...special('uses certificates or keys from files', '--proxy-cert= --proxy-key= --proxy-cacert= --proxy-capath='),
  ...special('uses certificates or keys from files', '--proxy-crlfile= --pinnedpubkey= --proxy-pinnedpubkey='),
  ...special(readsFile, '--etag-compare= -z,--time-cond= --random-file= --egd-file= --ech='),
  ...special("talks to a local program's socket", '--unix-socket= --abstract-unix-socket='),
  ...special('lets a redirect or an incomplete URL use any protocol', '--proto-redir= --proto-default='),
  ...special('loads program code', '--engine='),
  ...changing(
    '-a,--append -C,--continue-at= -P,--ftp-port= -R,--remote-time --crlf --mail-from= --mail-rcpt= --mail-auth=',
  ),
]

/** Options of curl; some lead it to other hosts than its addresses say. */
export const curlOptions = withDetours(allOptions, {
  'connects by way of a proxy': '-x --preproxy --socks4 --socks4a --socks5 --socks5-hostname --proxy1.0',
})

/** Returns the addresses that a curl command fetches: its operands, and the values of `--url`. */
export function urlsOf(given: Arguments): string[] {
  return [...given.operands, ...valuesOf(given, '--url')]
}
