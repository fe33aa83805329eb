import { conntrackInsight } from './insight/conntrack-insight.ts'
import { firstOf, verbTool } from './kit/verb-tool.ts'

const readingCommands = '-L --dump -G --get -C --count -S --stats -E --event -h --help -V --version'.split(' ')
const filterOptions = new Set(
  `-p --proto -s --src --orig-src -d --dst --orig-dst -r --reply-src -q --reply-dst -f --family -o --output -m --mark
  -e --event-mask -b --buffer-size -w --zone --orig-zone --reply-zone -u --status -l --label --state --sport --dport
  --orig-port-src --orig-port-dst --reply-port-src --reply-port-dst --any-nat -j -n --src-nat -g --dst-nat
  --mask-src --mask-dst --tuple-src --tuple-dst --icmp-type --icmp-code --icmp-id`.split(/\s+/),
)

// Source: conntrack(8) 1.4.7. Any other option (`-D`, `-F`, `-z`, bundles of letters) counts as `write`.
export const conntrack = verbTool(
  {
    name: 'conntrack',
    about: 'Which connections does the node track?',
    examples: ['conntrack -L', 'conntrack -L -p tcp --dport 443', 'conntrack -C', 'conntrack -S'],
    insight: conntrackInsight,
  },
  (args) => {
    const [command = '', ...rest] = args
    const changes = rest.some((arg) => arg.startsWith('-') && !filterOptions.has(arg.split('=')[0] ?? ''))
    const file = firstOf(args, ['-R', '--load-file'])
    return {
      reads: readingCommands.includes(command) && !changes,
      ...(file === undefined ? {} : { file: '--load-file' }),
    }
  },
)
