/** Captures and transfers. Format of a row: `test/tools/table.ts`. */
export const transfers = `
read | tcpdump -ni eth0 port 53
read | tcpdump -c 5 -i any
read | tcpdump -D
read | tcpdump -nnXSs 0 -i any host 10.0.0.1
write: tcpdump -w | tcpdump -w /host/x
write: tcpdump -w | tcpdump -niany -w/host/x
refused | tcpdump -w -
write: tcpdump -w, tcpdump -z | tcpdump -w x -z sh
write: tcpdump -z | tcpdump -z /host/x
write: tcpdump -C, tcpdump -w | tcpdump -C 1 -w x
read: tcpdump -r | tcpdump -r /host/x
read: tcpdump -F | tcpdump -F /host/x
read: tcpdump -V | tcpdump -V /host/x
read: tcpdump -Z | tcpdump -Z nobody
write: tcpdump --frobnicate | tcpdump --frobnicate
read | openssl s_client -connect 10.0.0.1:443
read | openssl s_client -connect 10.0.0.1:443 -servername x -showcerts
read | openssl s_client -connect 10.0.0.1:443 -tls1_2 -brief
read | openssl version
read | openssl ciphers
filter | openssl x509 -noout -dates
filter | openssl x509 -text
read: openssl x509 --in | openssl x509 -in /host/x -noout
write: openssl x509 --out | openssl x509 -noout -out /host/x
write: openssl s_client --keylogfile | openssl s_client -connect x:1 -keylogfile /host/x
write: openssl s_client --sess_out | openssl s_client -connect x:1 -sess_out /host/x
read: openssl s_client --cert | openssl s_client -connect x:1 -cert /host/x
read: openssl s_client --CAfile | openssl s_client -connect x:1 -CAfile /host/x
read: openssl s_client --unix | openssl s_client -unix /host/run/x.sock
write: openssl s_client --frobnicate | openssl s_client -frobnicate
write: openssl enc | openssl enc -d -in /host/x
write: openssl genrsa | openssl genrsa
write: openssl s_server | openssl s_server -accept 1
write: openssl pkey | openssl pkey -in /host/x
refused | openssl
read | wget -qO- http://10.0.0.1
read | wget -O - http://10.0.0.1
read | wget -O /dev/null http://10.0.0.1
read | wget --spider -S http://10.0.0.1
refused | wget http://10.0.0.1
write: wget -O | wget -O /host/x http://10.0.0.1
write: wget -O | wget -qO/host/x http://10.0.0.1
write: wget -P | wget -P /host http://10.0.0.1
write: wget -o | wget -o /host/x -qO- http://10.0.0.1
write | wget --post-data=x -qO- http://10.0.0.1
write: wget --post-file, upload | wget --post-file /host/x -qO- http://10.0.0.1
write | wget --method=DELETE -qO- http://10.0.0.1
read | wget --method=HEAD -qO- http://10.0.0.1
write | wget -r -O - http://10.0.0.1
write: wget -e | wget -e robots=off -qO- http://10.0.0.1
write: wget --config | wget --config=/host/x -qO- http://10.0.0.1
write: wget --use-askpass | wget --use-askpass=sh -qO- http://10.0.0.1
read: wget -i | wget -i /host/x -O -
read: wget --load-cookies | wget --load-cookies=/host/x -qO- http://10.0.0.1
write | wget -b -qO- http://10.0.0.1
write: wget --frobnicate | wget --frobnicate -qO- http://10.0.0.1
`
