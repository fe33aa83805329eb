import type { Tool } from '#core/request/tool'
import { refuse } from './kit/reading-and-needs.ts'

const why = 'A shell would run your words as a program; here every word is literal.'
const instead = 'Name the tool itself, as in `dig example.org | head -n 5`; pipes work without a shell.'

/** Shells, which are refused with an explanation of the alternatives. They aren't in the list of tools. */
export const shells: readonly Tool[] = 'sh bash dash ash zsh ksh mksh fish csh tcsh rbash busybox'.split(' ').map(
  (name): Tool => ({
    name,
    about: 'Not available here: name the tool itself.',
    examples: [],
    hints: [],
    read: (argv) => refuse(argv, why, instead),
  }),
)
