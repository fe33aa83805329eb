import { readUnknown } from '#core/request/file-access'
import { mergeNeeds, type Needs, noNeeds, type Reading, type Tool } from '#core/request/tool'
import { brokenLink, noBus, noChroot, notInImage, readOnlyFiles } from './kit/hints.ts'
import { refuse, toReading } from './kit/reading-and-needs.ts'

/** Needs of running the node's own programs in the node's root file system. */
export const chrootNeeds: Needs = {
  ...noNeeds,
  capabilities: ['SYS_CHROOT'],
  host: { filesystem: 'read-only', pid: false },
  user: 'root',
}

/** Needs of the node's own program that speaks with its systemd. */
export const busNeeds: Needs = { ...chrootNeeds, host: { filesystem: 'read-only', pid: true } }

const onlyForm = 'Name the program: `chroot /host systemctl status kubelet`.'

/**
 * Creates the tool for `chroot /host TOOL …`: it has the needs of TOOL plus access to the node's root file system. Other
 * roots are refused. `lookup` finds TOOL in the catalogue.
 */
export function chrootTool(lookup: (name: string) => Tool | undefined): Tool {
  return {
    name: 'chroot',
    about: "Runs the node's own programs in the node's own file system.",
    examples: ['chroot /host cat /etc/resolv.conf | tail -n 2', 'chroot /host iptables -nvL | head -n 2'],
    hints: [noBus, noChroot, readOnlyFiles, brokenLink, notInImage],
    read: (argv, on) => {
      const [, root = '', ...inner] = argv
      const [program] = inner
      if (!/^\/host\/?$/.test(root)) {
        return refuse(argv, "chroot works only with /host, the node's file system.", onlyForm)
      }
      if (program === undefined) return refuse(argv, 'chroot without a program opens a shell.', onlyForm)
      if (program === 'chroot') return refuse(argv, 'chroot inside chroot would leave the node.', onlyForm)
      const base = program.slice(program.lastIndexOf('/') + 1)
      if (base !== program && lookup(base) !== undefined) {
        return refuse(argv, 'A path could be any program of that name.', `Write ${base} without a path.`)
      }
      return wrapInChroot(root, inner, readInner(lookup(program), inner, on))
    },
  }
}

function readInner(tool: Tool | undefined, inner: readonly string[], on: 'node' | 'pod'): Reading & { name: string } {
  if (tool !== undefined) return { ...tool.read(inner, on), name: tool.name }
  return { ...readUnknown(inner, on), name: inner[0] ?? '' }
}

function wrapInChroot(root: string, inner: readonly string[], reading: Reading & { name: string }): Reading {
  const given = ['chroot', root, ...inner]
  if (reading.refusal !== undefined) return toReading(given, { refusal: reading.refusal })
  return toReading(['chroot', root, ...reading.argv], {
    needs: mergeNeeds(chrootNeeds, reading.needs),
    notes: reading.notes,
    runs: [reading.name, ...reading.runs],
    special: reading.special,
    // The program's own reading has judged its paths.
    opens: [],
    throughProcess: reading.throughProcess,
    sendsInput: reading.sendsInput,
    discloses: reading.discloses,
    detours: reading.detours,
  })
}
