import type { Tools } from './cluster.ts'

/** Returns a `sysctl` of a target with these settings: by names, or with `-a -r PATTERN` those that match. */
export function sysctlWith(settings: Readonly<Record<string, string>>): NonNullable<Tools[string]> {
  return (argv) => {
    const at = argv.indexOf('-r')
    const pattern = at === -1 ? undefined : new RegExp(argv[at + 1] ?? '')
    const names = Object.keys(settings).filter((name) => pattern?.test(name) ?? argv.includes(name))
    return names.map((name) => ({ out: `${name} = ${settings[name]}\n` }))
  }
}
