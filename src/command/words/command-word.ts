import type { Message } from '#core/messages/message'
import type { Catalogue } from '#core/request/tool'
import type { ParseError } from '../parsed-shell-command.ts'
import type { Token } from '../token.ts'

/** Page of `help WORD`. Words that belong together have one page. */
export type HelpPage = Omit<Extract<Message, { kind: 'help' }>, 'kind'>

/**
 * Definition of a command word, the first word of a command. Its name is its key in the table; its handler has the same
 * key in `src/bot/handlers/handler-by-word.ts`.
 */
export type CommandWord = {
  /** Other texts that people type for this word. */
  aliases?: readonly string[]
  /** Parses a command that begins with this word, which is the first token. */
  parse: (tokens: readonly Token[], catalogue: Catalogue) => { verb: string } | ParseError
  /** Absent for `help`, whose page is the overview. */
  help?: HelpPage
  /**
   * `answers`: reads, and replies with one message, also to forms and to a person's own page. `answers-in-chat`: the
   * same, but only to the chat. `acts`: changes something, or starts a run.
   */
  does: 'answers' | 'answers-in-chat' | 'acts'
}
