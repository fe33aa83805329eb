package main

import (
	"bufio"
	"net"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Words of a batch that stand for interfaces, which only the target itself knows. They are whole words.
//
//	@defaultInterface, @podInterface    the one of the default route
//	@nodeInterfaces                     all through which routes lead to a gateway, and network cards: the command is repeated for each
const (
	defaultInterface = "@defaultInterface"
	podInterface     = "@podInterface"
	nodeInterfaces   = "@nodeInterfaces"
)

// Maximum number of interfaces for which a command is repeated.
const maxInterfaces = 10

var isInterface = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._:-]{0,14}$`)

// withInterfaces replaces words that stand for interfaces. A command without any interface has no words.
func withInterfaces(commands []batchCommand) (replaced []batchCommand) {
	var routes []route
	for _, each := range commands {
		at := slices.IndexFunc(each.words, func(word string) bool {
			return word == defaultInterface || word == podInterface || word == nodeInterfaces
		})
		if at == -1 {
			replaced = append(replaced, each)
			continue
		}
		if routes == nil {
			routes = readRoutes()
		}
		names, several := firstOf(defaultInterfaces(routes)), each.words[at] == nodeInterfaces
		if several {
			names = allInterfaces(routes)
		}
		if len(names) == 0 {
			each.words = nil
			replaced = append(replaced, each)
		}
		for index, name := range names {
			own := each
			own.words = slices.Clone(each.words)
			own.words[at] = name
			own.interfaceName = name
			if several {
				own.number += "." + strconv.Itoa(index)
			}
			replaced = append(replaced, own)
		}
	}
	return replaced
}

type route struct {
	name      string
	isDefault bool
	hasWay    bool
}

// readRoutes reads the main table of IPv4, then that of IPv6. Source: proc(5).
func readRoutes() []route {
	routes := []route{}
	for _, words := range linesOf("/proc/net/route") {
		if len(words) > 7 && isInterface.MatchString(words[0]) {
			routes = append(routes, route{words[0], words[1] == "00000000" && words[7] == "00000000", words[2] != "00000000"})
		}
	}
	const none = "00000000000000000000000000000000"
	for _, words := range linesOf("/proc/net/ipv6_route") {
		if len(words) > 9 && isInterface.MatchString(words[9]) && words[9] != "lo" {
			routes = append(routes, route{words[9], words[0] == none && words[1] == "00", words[4] != none})
		}
	}
	return routes
}

func linesOf(file string) (lines [][]string) {
	opened, err := os.Open(file)
	if err != nil {
		return nil
	}
	defer opened.Close()
	for scanner := bufio.NewScanner(opened); scanner.Scan(); {
		lines = append(lines, strings.Fields(scanner.Text()))
	}
	return lines
}

func defaultInterfaces(routes []route) (names []string) {
	for _, each := range routes {
		if each.isDefault && each.name != "lo" {
			names = append(names, each.name)
		}
	}
	return names
}

func firstOf(names []string) []string { return names[:min(1, len(names))] }

func allInterfaces(routes []route) (names []string) {
	names = defaultInterfaces(routes)
	for _, each := range routes {
		if each.hasWay {
			names = append(names, each.name)
		}
	}
	all, _ := net.Interfaces()
	for _, each := range all {
		// Only a network card has a device.
		if _, err := os.Stat("/sys/class/net/" + each.Name + "/device"); err == nil && isInterface.MatchString(each.Name) {
			names = append(names, each.Name)
		}
	}
	seen := map[string]bool{}
	names = slices.DeleteFunc(names, func(name string) bool {
		known := seen[name]
		seen[name] = true
		return known
	})
	return names[:min(maxInterfaces, len(names))]
}
