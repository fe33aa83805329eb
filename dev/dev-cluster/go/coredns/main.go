// Command coredns is CoreDNS with only the plugins that the development cluster uses, which builds in a fraction of the time.
package main

import (
	"github.com/coredns/coredns/core/dnsserver"
	_ "github.com/coredns/coredns/plugin/bind"
	_ "github.com/coredns/coredns/plugin/cache"
	_ "github.com/coredns/coredns/plugin/errors"
	_ "github.com/coredns/coredns/plugin/forward"
	_ "github.com/coredns/coredns/plugin/health"
	_ "github.com/coredns/coredns/plugin/hosts"
	_ "github.com/coredns/coredns/plugin/kubernetes"
	_ "github.com/coredns/coredns/plugin/ready"
	_ "github.com/coredns/coredns/plugin/template"

	"github.com/coredns/coredns/coremain"
)

func init() {
	// Plugins handle a query in this order.
	dnsserver.Directives = []string{"bind", "health", "ready", "errors", "cache", "template", "hosts", "kubernetes", "forward"}
}

func main() {
	coremain.Run()
}
