import type { Needs, Tool } from '#core/tool'
import { changing, isGiven, judge, readArguments, reading, special, specialChange } from './arguments.ts'
import { chrootNeeds } from './chroot.ts'
import { noBus, noChroot, notInImage } from './hints.ts'
import { toReading } from './reading.ts'

const elsewhere = 'leaves the node that was named'

// Source: systemctl(1) of systemd 257.
const systemctlOptions = [
  ...reading('-t,--type= --state= -p,--property= -P= -a,--all -r,--recursive --reverse --after --before --plain'),
  ...reading(
    '--with-dependencies -l,--full --value --show-types -q,--quiet --no-legend --legend= --no-pager -n,--lines=',
  ),
  ...reading('-o,--output= --timestamp= --failed -h,--help --version --system --no-ask-password --no-wall'),
  ...special(elsewhere, '-H,--host= -M,--machine= --root= --image= --image-policy='),
  ...changing('--now -f,--force --runtime -i -s,--signal= --kill-whom= --user --global'),
]

const readingVerbs = [
  ...['status', 'show', 'cat', 'is-active', 'is-enabled', 'is-failed', 'is-system-running', 'get-default'],
  ...['list-units', 'list-unit-files', 'list-dependencies', 'list-timers', 'list-sockets', 'list-jobs', 'list-paths'],
  ...['list-automounts', 'list-machines', 'show-environment', 'whoami'],
]

const busNeeds: Needs = { ...chrootNeeds, host: { filesystem: 'read-only', pid: true } }

export const systemctl: Tool = {
  name: 'systemctl',
  about: "How are the node's services?",
  examples: ['systemctl status kubelet', 'systemctl list-units --failed'],
  hints: [noBus, noChroot, notInImage],
  read: (argv) => {
    const given = readArguments(argv.slice(1), systemctlOptions)
    const judged = judge('systemctl', given)
    const [verb = 'list-units'] = given.operands
    const effect = readingVerbs.includes(verb) ? judged.effect : 'write'
    return toReading(argv, { needs: { ...busNeeds, effect }, viaChroot: true, special: judged.special })
  },
}

// Source: journalctl(1) of systemd 257.
const journalctlOptions = [
  ...reading(
    '-u,--unit= --user-unit= -k,--dmesg -b,--boot[=] -n,--lines= -f,--follow -p,--priority= -S,--since= -U,--until=',
  ),
  ...reading('-t,--identifier= -T,--exclude-identifier= -g,--grep= --case-sensitive[=] -o,--output= --output-fields='),
  ...reading(
    '-r,--reverse -x,--catalog -e,--pager-end -a,--all -q,--quiet --no-pager --no-hostname --utc --no-full -l,--full',
  ),
  ...reading('-c,--cursor= --after-cursor= --show-cursor --list-boots --disk-usage -F,--field= -N,--fields --header'),
  ...reading('-m,--merge --no-tail --facility= --system -h,--help --version --verify --truncate-newline --invocation='),
  ...reading('--list-invocations -I'),
  ...special('reads other journals than the node keeps', '-D,--directory= --file= --root= --image= --image-policy='),
  ...special(elsewhere, '-M,--machine='),
  ...specialChange('writes a file', '--cursor-file='),
]

export const journalctl: Tool = {
  name: 'journalctl',
  about: "What do the node's logs say?",
  examples: ['journalctl -u kubelet -n 50', 'journalctl -k --since -10min'],
  hints: [noChroot, notInImage],
  read: (argv) => {
    const given = readArguments(argv.slice(1), journalctlOptions)
    const judged = judge('journalctl', given)
    return toReading(argv, {
      needs: { ...chrootNeeds, effect: judged.effect },
      notes: isGiven(given, '-f') ? ['journalctl -f has no end of its own: the deadline ends it'] : [],
      viaChroot: true,
      special: judged.special,
    })
  },
}
