module retina-chatops/dev-cluster/pause

go 1.26.0
