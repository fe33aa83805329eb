import type { Tool } from '#core/request/tool'
import { checkArguments, granted, readArguments, reading, specialChange } from './kit/arguments.ts'
import { bpfNeeds, noBpf } from './kit/bpf.ts'
import { notInImage } from './kit/hints.ts'
import { toReading } from './kit/reading-and-needs.ts'
import { type Command, commands, group, mergeChecked, readCommands, withKeywords } from './kit/subcommands.ts'

const usesFile = 'reads or writes a file'

// Source: bpftool(8) 7.1, and the getopt string in its src/main.c.
const options = [
  ...reading('-j,--json -p,--pretty -V,--version -h,--help -n,--nomount -f,--bpffs -d,--debug'),
  ...granted('bpftool file', specialChange(usesFile, '-B,--base-btf=')),
]

/** Words that name an object of the kernel, or how it is shown. */
const keywords: readonly Command[] = [
  ...commands('id= tag= name= dev= format= prefix= type= offset_map= key value hex kv all raw c xlated jited opcodes'),
  ...commands('linum visual kernel full macros unprivileged effective prog map link'),
  ...granted('bpftool file', commands('file*= pinned*=', usesFile)),
]

/** Ids, and bytes of a key. Folders of cgroups are the only paths. */
const plainWord = /^((0x)?[0-9a-f]+|\/sys\/fs\/cgroup(\/[\w@:-][\w.@:-]*)*\/?)$/i

const object = (name: string, reads: string, changes = '') =>
  group(name, [...withKeywords(commands(reads), keywords, plainWord), ...commands(changes), ...commands('help')])

// Source: the tables `cmds` of bpftool 7.1 to 7.7, in their order. bpftool accepts any prefix of a word.
const objects: readonly Command[] = [
  ...commands('help'),
  ...granted('bpftool file', commands('batch*', usesFile)),
  object('prog', 'show,list dump', 'pin! load! loadall! attach! detach! tracelog! run! profile!'),
  object(
    'map',
    'show,list dump lookup getnext peek',
    'update! delete! pin! event_pipe! create! push! enqueue! pop! dequeue! freeze!',
  ),
  object('link', 'show,list', 'pin! detach!'),
  object('cgroup', 'show,list tree', 'attach! detach!'),
  object('perf', 'show,list'),
  object('net', 'show,list', 'attach! detach!'),
  object('feature', 'probe list_builtins'),
  object('btf', 'show,list dump'),
  ...granted('bpftool file', commands('gen*', usesFile)),
  object('struct_ops', 'show,list dump', 'register! unregister!'),
  group('iter', commands('help pin!')),
  object('token', 'show,list'),
  ...commands('version'),
]

export const bpftool: Tool = {
  name: 'bpftool',
  about: 'Which eBPF programs and maps are in the kernel?',
  examples: ['bpftool prog show', 'bpftool net show', 'bpftool feature probe'],
  hints: [noBpf, notInImage],
  read: (argv) => {
    const given = readArguments(argv.slice(1), options)
    const words = readCommands('bpftool', given.operands, objects, 'first-prefix')
    const { effect, special } = mergeChecked(checkArguments('bpftool', given), words)
    return toReading(argv, { needs: { ...bpfNeeds, effect }, special })
  },
}
