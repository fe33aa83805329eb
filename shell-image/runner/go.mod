module retina-chatops/shell-image/runner

go 1.26.0
