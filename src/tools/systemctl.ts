import type { Tool } from '#core/request/tool'
import { busNeeds } from './chroot.ts'
import { measureSystemctl } from './insight/measure-tool-output.ts'
import { systemctlInsight } from './insight/systemctl-insight.ts'
import { changing, checkArguments, readArguments, reading, special } from './kit/arguments.ts'
import { noBus, noChroot, notInImage } from './kit/hints.ts'
import { elsewhere, toReading } from './kit/reading-and-needs.ts'
import { commands, mergeChecked, readCommands } from './kit/subcommands.ts'

// Source: systemctl(1) of systemd 257.
const systemctlOptions = [
  ...reading('-t,--type= --state= -p,--property= -P= -a,--all -r,--recursive --reverse --after --before --plain'),
  ...reading(
    '--with-dependencies -l,--full --value --show-types -q,--quiet --no-legend --legend= --no-pager -n,--lines=',
  ),
  ...reading('-o,--output= --timestamp= --failed -h,--help --version --system --no-ask-password --no-wall'),
  ...special(elsewhere, '-H,--host= -M,--machine= --root= --image= --image-policy='),
  ...reading('--show-transaction --no-block --wait --dry-run --job-mode= --what= --no-reload --read-only --marked'),
  ...changing('--check-inhibitors= --preset-mode= --when= --message= --reboot-argument= --firmware-setup --mkdir'),
  ...changing('--now -f,--force --runtime -i -s,--signal= --kill-whom= --user --global'),
]

const verbs = [
  ...commands('status show cat is-active is-enabled is-failed is-system-running get-default list-units whoami'),
  ...commands('list-unit-files list-dependencies list-timers list-sockets list-jobs list-paths list-automounts'),
  ...commands('list-machines show-environment'),
  ...commands('start! stop! restart! try-restart! reload! reload-or-restart! try-reload-or-restart! kill! clean!'),
  ...commands(
    'freeze! thaw! isolate! set-property! reset-failed! enable! disable! reenable! preset! preset-all! mask!',
  ),
  ...commands('unmask! revert! add-wants! add-requires! set-default! cancel! daemon-reload! daemon-reexec! log-level!'),
  ...commands('log-target! service-log-level! service-log-target! service-watchdogs! default! rescue! emergency!'),
  ...commands('halt! poweroff! reboot! suspend! hibernate! hybrid-sleep! suspend-then-hibernate! sleep!'),
  ...commands('unset-environment!'),
]

export const systemctl: Tool = {
  name: 'systemctl',
  about: "What is the status of the node's services?",
  examples: ['systemctl status kubelet', 'systemctl list-units --failed'],
  hints: [noBus, noChroot, notInImage],
  insight: systemctlInsight,
  measure: measureSystemctl,
  read: (argv) => {
    const given = readArguments(argv.slice(1), systemctlOptions)
    const { effect, special } = mergeChecked(
      checkArguments('systemctl', given),
      readCommands('systemctl', given.operands, verbs, 'exact'),
    )
    return toReading(argv, {
      needs: { ...busNeeds, effect },
      viaChroot: true,
      special,
    })
  },
}
