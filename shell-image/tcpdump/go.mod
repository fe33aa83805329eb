module retina-chatops/tcpdump

go 1.26
