import type { Tool } from '#core/request/tool'
import { chrootNeeds } from './chroot.ts'
import { journalctlInsight } from './insight/journal-insight.ts'
import { measureJournal } from './insight/measure-tool-output.ts'
import { changing, checkArguments, isGiven, readArguments, reading, special, specialChange } from './kit/arguments.ts'
import { noChroot, notInImage } from './kit/hints.ts'
import { elsewhere, toReading } from './kit/reading-and-needs.ts'

// Source: journalctl(1) of systemd 257. `-b -1` is a value after `-b`: a number with a dash is never an option.
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
  ...reading('--list-invocations -I --list-catalog --dump-catalog --list-namespaces --namespace= --verify-key= --user'),
  ...special("reads journals other than the node's", '-D,--directory= --file,-i= --root= --image= --image-policy='),
  ...special(elsewhere, '-M,--machine='),
  ...changing('--flush --relinquish-var --smart-relinquish-var --rotate --sync --update-catalog --setup-keys --force'),
  ...changing('--vacuum-size= --vacuum-files= --vacuum-time= --interval='),
  ...specialChange('writes a file', '--cursor-file='),
]

export const journalctl: Tool = {
  name: 'journalctl',
  about: "What do the node's logs say?",
  examples: ['journalctl -u kubelet -n 50', 'journalctl -k --since -10min'],
  hints: [noChroot, notInImage],
  insight: journalctlInsight,
  measure: measureJournal,
  read: (argv) => {
    const given = readArguments(argv.slice(1), journalctlOptions, { numbers: true })
    const checked = checkArguments('journalctl', given)
    return toReading(argv, {
      needs: { ...chrootNeeds, effect: checked.effect },
      notes: isGiven(given, '-f') ? ['journalctl -f does not end by itself: the deadline stops it'] : [],
      viaChroot: true,
      special: checked.special,
    })
  },
}
