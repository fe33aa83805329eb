import type { Needs, Tool } from '#core/request/tool'
import { chrootNeeds } from './chroot.ts'
import { systemctlInsight } from './insight/services-insight.ts'
import { changing, checkArguments, readArguments, reading, special } from './kit/arguments.ts'
import { noBus, noChroot, notInImage } from './kit/hints.ts'
import { elsewhere, toReading } from './kit/make-reading.ts'

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
  about: "What is the status of the node's services?",
  examples: ['systemctl status kubelet', 'systemctl list-units --failed'],
  hints: [noBus, noChroot, notInImage],
  insight: systemctlInsight,
  read: (argv) => {
    const given = readArguments(argv.slice(1), systemctlOptions)
    const checked = checkArguments('systemctl', given)
    const [verb = 'list-units'] = given.operands
    const effect = readingVerbs.includes(verb) ? checked.effect : 'write'
    return toReading(argv, { needs: { ...busNeeds, effect }, viaChroot: true, special: checked.special })
  },
}
