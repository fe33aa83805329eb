import type { Tool } from '#core/request/tool'
import { chrootNeeds } from './chroot.ts'
import { sysctlInsight } from './insight/sysctl-insight.ts'
import { changing, checkArguments, isGiven, readArguments, reading, specialChange } from './kit/arguments.ts'
import { noChroot, notInImage, readOnlyFiles } from './kit/hints.ts'
import { plainNeeds, toReading } from './kit/reading-and-needs.ts'

// Source: sysctl(8) of procps-ng 3.3 and 4.
const options = [
  ...reading(
    '-a,--all -A -X -b,--binary -e,--ignore -N,--names -n,--values -r,--pattern= --deprecated -h,--help -V,--version',
  ),
  ...changing('-w,--write -q,--quiet --dry-run'),
  ...specialChange('reads settings from files', '-p,--load[=] -f --system'),
]

/** Returns true for the name of a setting, with dots or slashes. Parts of dots alone would lead out of /proc/sys. */
const isSettingName = (name: string) =>
  /^[\w.*?[\]:@/-]+$/.test(name) && !name.split('/').some((part) => /^\.*$/.test(part))

export const sysctl: Tool = {
  name: 'sysctl',
  about: 'How is the kernel configured?',
  examples: ['sysctl net.ipv4.ip_forward', 'sysctl -a -r conntrack'],
  hints: [noChroot, readOnlyFiles, notInImage],
  insight: sysctlInsight,
  read: (argv, on) => {
    const given = readArguments(argv.slice(1), options)
    const checked = checkArguments('sysctl', given)
    const sets = given.operands.some((word) => word.includes('='))
    const effect = sets ? 'write' : checked.effect
    // procps before 4 opens a name with slashes as a path from /proc/sys.
    const leaves =
      !isGiven(given, '-p', '-f') && given.operands.some((word) => !isSettingName(word.replace(/=.*/s, '')))
    const special = leaves
      ? [...checked.special, { name: 'sysctl PATH', why: 'it may open a file outside of /proc/sys' }]
      : checked.special
    // A pod has its own network settings, in its own /proc.
    if (on === 'pod') return toReading(argv, { needs: plainNeeds(effect), special })
    return toReading(argv, { needs: { ...chrootNeeds, effect }, viaChroot: true, special })
  },
}
