import type { HelpCommand } from '../parsed-shell-command.ts'
import { type Token, textAt } from '../token.ts'
import type { CommandWord } from './command-word.ts'
import { parseAlone } from './no-argument-or-run-id.ts'

/** Words about the bot itself, and about the person as it knows them. */
export const botWords = {
  whoami: {
    parse: parseAlone('whoami'),
    does: 'answers',
    help: {
      title: 'whoami: who am I here, and what may I do?',
      text: 'Your name as the bot knows it, your groups, and your grants.',
      examples: [{ command: 'whoami', about: 'my permissions' }],
    },
  },
  help: { aliases: ['--help', '-h', '?'], parse: parseHelp, does: 'answers' },
  version: {
    parse: parseAlone('version'),
    does: 'answers',
    help: {
      title: 'version: which versions are running?',
      text: 'The versions of the bot and of the shell image.',
      examples: [{ command: 'version', about: 'all versions' }],
    },
  },
} satisfies Record<string, CommandWord>

function parseHelp(tokens: readonly Token[]): HelpCommand {
  const topic = textAt(tokens, 1)?.toLowerCase()
  return topic === undefined ? { verb: 'help' } : { verb: 'help', topic: topic.slice(0, 60) }
}
