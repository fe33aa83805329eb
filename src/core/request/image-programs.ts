/**
 * All programs of the shell image, by name: what else is named there can't run. Left out are those whose names differ
 * with the processor. A test compares the list with the image.
 */
export const imagePrograms: ReadonlySet<string> = new Set(
  `add-shell addgroup addpart adduser agetty arch arp arpd arping arptables arptables-nft arptables-nft-restore
  arptables-nft-save arptables-restore arptables-save awk b2sum base32 base64 basename basenc bash bashbug
  bashreadline.bt biolatency.bt biosnoop.bt biostacks.bt bitesize.bt blkdiscard blkid blkzone blockdev bpftool
  bpftrace bpftrace-aotrt bridge c_rehash capable.bt capsh captoinfo cat chage chcon chcpu chfn chgpasswd chgrp
  chmem chmod choom chown chpasswd chronyc chroot chrt chsh cifsiostat cksum clear clear_console cmp comm
  conntrack corelist cp cpan cpgr cppw cpuwalk.bt csplit ctrlaltdel ctstat curl cut dash date dcb dcsnoop.bt dd
  deb-systemd-helper deb-systemd-invoke debconf debconf-apt-progress debconf-communicate debconf-copydb
  debconf-escape debconf-set-selections debconf-show delgroup delpart deluser delv devlink df diff diff3 dig dir
  dircolors dirname dmesg dnsdomainname dnstap-read domainname dpkg dpkg-deb dpkg-divert dpkg-fsys-usrunmess
  dpkg-maintscript-helper dpkg-preconfigure dpkg-query dpkg-realpath dpkg-reconfigure dpkg-split dpkg-statoverride
  dpkg-trigger drill du ebtables ebtables-legacy ebtables-legacy-restore ebtables-legacy-save ebtables-nft
  ebtables-nft-restore ebtables-nft-save ebtables-restore ebtables-save ebtables-translate ebtablesd ebtablesu
  echo egrep enc2xs encguess env ethtool execsnoop.bt expand expiry expr factor faillock faillog fallocate false
  fgrep filan file fincore find findfs findmnt findrule flock fmt fold free fsck fsck.cramfs fsck.minix fsfreeze
  fstab-decode fstrim genl getcap getconf getent gethostlatency.bt getopt getpcaps getty gpasswd grep groupadd
  groupdel groupmems groupmod groups grpck grpconv grpunconv gunzip gzexe gzip h2ph h2xs hardlink head host hostid
  hostname hwclock iconv iconvconfig id ifconfig infocmp infotocap install installkernel instmodsh invoke-rc.d
  ionice iostat ip ip6tables ip6tables-apply ip6tables-legacy ip6tables-legacy-restore ip6tables-legacy-save
  ip6tables-nft ip6tables-nft-restore ip6tables-nft-save ip6tables-restore ip6tables-restore-translate
  ip6tables-save ip6tables-translate ipcmk ipcrm ipcs iperf3 ipmaddr ipset ipset-translate iptables iptables-apply
  iptables-legacy iptables-legacy-restore iptables-legacy-save iptables-nft iptables-nft-restore iptables-nft-save
  iptables-restore iptables-restore-translate iptables-save iptables-translate iptables-xml iptunnel ipvsadm
  ipvsadm-restore ipvsadm-save ischroot isosize join jq json_pp kill killall5 killsnoop.bt last lastb lastlog lcf
  ld.so ldattach ldconfig ldd ldns-chaos ldns-compare-zones ldns-dane ldns-dpa ldns-gen-zone ldns-key2ds
  ldns-keyfetcher ldns-keygen ldns-mx ldns-notify ldns-nsec3-hash ldns-read-zone ldns-resolver ldns-revoke
  ldns-rrsig ldns-signzone ldns-test-edns ldns-testns ldns-update ldns-verify-zone ldns-version ldns-walk
  ldns-zcat ldns-zsplit ldnsd lft libnetcfg link linux32 linux64 ln lnstat loads.bt locale localedef logger login
  logname ls lsblk lscpu lsfd lsipc lsirq lslocks lslogins lsmem lsns lsof lzcat lzcmp lzdiff lzegrep lzfgrep
  lzgrep lzless lzma lzmainfo lzmore mawk mcookie md5sum md5sum.textutils mdflush.bt mdig mesg mii-tool mkdir
  mkfifo mkfs mkfs.bfs mkfs.cramfs mkfs.minix mkhomedir_helper mknod mkswap mktemp more mountpoint mpstat mtr
  mtr-packet mv namei nameif naptime.bt nawk nc ncat netcat netstat newgrp newusers nfnl_osf nft nice
  nisdomainname nl nmap nohup nologin nping nproc nsenter nslookup nstat nsupdate numfmt od oomkill.bt
  opensnoop.bt openssl pager pam-auth-update pam_getenv pam_namespace_helper pam_timestamp_check partx passwd
  paste pathchk perl perlbug perldoc perlivp perlthanks pgrep piconv pidof pidpersec.bt pidstat pidwait ping ping4
  ping6 pinky pivot_root pkill pl2pm pldd plipconfig pmap pod2html pod2man pod2text pod2usage podchecker pr
  printenv printf prlimit procan prove ps ptar ptardiff ptargrep ptx pwck pwconv pwd pwdx pwhistory_helper
  pwunconv rarp rbash rdma readlink readprofile realpath remove-shell rename.ul renice reset resizepart retina-run
  rev rgrep rm rmdir rmt rmt-tar route routel rtacct rtcwake rtmon rtstat run-parts runcon runqlat.bt runqlen.bt
  runuser sadf sar sar.sysstat savelog script scriptlive scriptreplay sdiff sed select-editor sensible-browser
  sensible-editor sensible-pager seq service setarch setcap setpriv setsid setterm setuids.bt sg sh sha1sum
  sha224sum sha256sum sha384sum sha512sum shadowconfig shasum shred shuf skill slabtop slattach sleep snice socat
  sort splain split ss ssllatency.bt sslsnoop.bt start-stop-daemon stat statsnoop.bt stdbuf streamzip stty su
  sulogin sum swapin.bt swaplabel switch_root sync syncsnoop.bt syscount.bt sysctl tabs tac tail tapestat tar
  tarcat taskset tc tcpaccept.bt tcpconnect.bt tcpdrop.bt tcpdump tcplife.bt tcpretrans.bt tcpsynbl.bt
  tcptraceroute tee tempfile test threadsnoop.bt tic timeout tipc tload toe top touch tput tr tracepath traceproto
  traceroute traceroute-nanog traceroute6 true truncate tset tsort tty tzselect ucf ucfq ucfr uclampset uname
  uncompress undump.bt unexpand uniq unix_chkpwd unix_update unlink unlzma unshare unxz update-alternatives
  update-ca-certificates update-passwd update-rc.d update-shells uptime useradd userdel usermod users utmpdump
  vdir vdpa vfscount.bt vfsstat.bt vigr vipw vmstat w wall watch wc wdctl wg wg-quick wget whereis which
  which.debianutils who whoami wipefs writeback.bt xargs xfsdist.bt xsubpp xtables-legacy-multi xtables-monitor
  xtables-nft-multi xz xzcat xzcmp xzdiff xzegrep xzfgrep xzgrep xzless xzmore yes ypdomainname zcat zcmp zdiff
  zdump zegrep zfgrep zforce zgrep zic zipdetails zless zmore znew zramctl`.split(/\s+/),
)
