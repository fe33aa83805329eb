import { z } from 'zod'
import { parseExpression } from '#core/triage/expression'
import { apiKinds, type CheckWord, type Condition, factNames, type ReaderUse } from '#core/triage/playbook'
import { defined } from '#core/util/defined'

const name = z.string().regex(/^[a-z][a-z0-9-]{0,39}$/, 'must be lower-case letters, digits and "-", as in dns-cluster')
const sentence = z.string().min(1).max(200)

/** A share in percent, or a number. */
const amount = z.union([z.number(), z.string().regex(/^-?\d+(\.\d+)?%$/, 'must be a number, or a share such as 75%')])

/** Arithmetic over what the reader found. */
const expression = z.union([z.string().min(1).max(200), z.number()]).transform((text, context) => {
  const parsed = parseExpression(String(text))
  if (parsed !== undefined) return parsed
  context.addIssue({
    code: 'custom',
    message: `"${text}" is no expression; use names of measures, numbers, + - * / and ( )`,
  })
  return z.NEVER
})

const scalars = z.union([z.string(), z.number(), z.array(z.union([z.string(), z.number()])).min(1)])

const condition = z
  .strictObject({
    above: amount.optional(),
    below: amount.optional(),
    is: scalars.optional(),
    not: scalars.optional(),
    value: expression.optional(),
    say: sentence.optional(),
  })
  .transform((given, context): Condition => {
    const { above, below, is, not, value, say } = given
    if (above === undefined && below === undefined && is === undefined && not === undefined)
      context.addIssue({ code: 'custom', message: 'compares nothing; say above, below, is or not' })
    return {
      ...(above === undefined ? {} : { above: toAmount(above) }),
      ...(below === undefined ? {} : { below: toAmount(below) }),
      ...(is === undefined ? {} : { is: [is].flat() }),
      ...(not === undefined ? {} : { not: [not].flat() }),
      ...defined({ value, say }),
    }
  })

function toAmount(given: number | string): number {
  return typeof given === 'number' ? given : Number(given.slice(0, -1)) / 100
}

const conditions = z
  .union([condition, z.array(condition).min(1).max(5)])
  .transform((given) => [given].flat())
  .default([])

const fact = z
  .strictObject({
    fact: z.enum([...factNames, 'each']),
    as: z.string().max(20).optional(),
    end: z.string().max(20).optional(),
  })
  .transform(({ fact: named, as = '', end = '' }): CheckWord => ({ fact: named, before: as, after: end }))

const word = z.union([z.string().min(1).max(300), z.number().transform(String), fact])

/** A command as a list of words, or as a text that is split at spaces: no shell reads it. */
const command = z.union([
  z
    .string()
    .min(1)
    .max(300)
    .refine((text) => !/["'`$|;&<>\\*?]/.test(text), {
      error: 'has signs of a shell, which does not run here; write the command as a list of words',
    })
    .transform((text): CheckWord[] => text.trim().split(/\s+/)),
  z.array(word).min(1).max(40),
])

const columns = z.record(z.string().regex(/^[A-Za-z_]\w*$/), z.int().min(1).max(100))
const texts = z.record(z.string().regex(/^[A-Za-z_]\w*$/, 'must be a name such as count'), z.string().min(1))

const reader = z
  .strictObject({
    lines: z
      .array(z.string().regex(/^[A-Za-z_]\w*$/))
      .min(1)
      .optional(),
    pairs: z.union([z.literal(true), texts]).optional(),
    nstat: z.literal(true).optional(),
    count: z.literal(true).optional(),
    json: texts.optional(),
    table: z
      .strictObject({ skip: z.int().min(0).max(20).default(0), columns, hex: z.boolean().default(false) })
      .optional(),
    tool: z.literal(true).optional(),
    with: z.string().min(1).optional(),
    value: expression,
    unit: z.string().max(20).optional(),
  })
  .transform(({ value, unit, ...uses }, context) => {
    const [use, ...others] = toUses(uses)
    if (use === undefined || others.length > 0) {
      context.addIssue({
        code: 'custom',
        message: 'needs exactly one reader: lines, pairs, nstat, count, json, table, tool or with',
      })
      return z.NEVER
    }
    return { use, value, ...defined({ unit }) }
  })

type Uses = {
  lines?: string[] | undefined
  pairs?: true | Record<string, string> | undefined
  nstat?: true | undefined
  count?: true | undefined
  json?: Record<string, string> | undefined
  table?: { skip: number; columns: Record<string, number>; hex: boolean } | undefined
  tool?: true | undefined
  with?: string | undefined
}

function toUses({ lines, pairs, nstat, count, json, table, tool, with: named }: Uses): ReaderUse[] {
  return [
    ...(lines === undefined ? [] : [{ kind: 'lines' as const, names: lines }]),
    ...(pairs === undefined ? [] : [{ kind: 'pairs' as const, ...(pairs === true ? {} : { names: pairs }) }]),
    ...(nstat === undefined ? [] : [{ kind: 'nstat' as const }]),
    ...(count === undefined ? [] : [{ kind: 'count' as const }]),
    ...(json === undefined ? [] : [{ kind: 'json' as const, paths: json }]),
    ...(table === undefined ? [] : [{ kind: 'table' as const, ...table }]),
    ...(tool === undefined ? [] : [{ kind: 'tool' as const }]),
    ...(named === undefined ? [] : [{ kind: 'named' as const, name: named }]),
  ]
}

const seconds = z
  .string()
  .regex(/^\d{1,2}s$/, 'must be seconds, as 5s')
  .transform((text) => Number(text.slice(0, -1)))

const names = z.array(name).default([])

const check = z.strictObject({
  title: sentence,
  run: z.array(command).min(1).max(10).optional(),
  api: z.enum(apiKinds).optional(),
  where: z.enum(['target', 'pod', 'node']).default('target'),
  each: z.enum(factNames).optional(),
  times: z.int().min(1).max(20).default(1),
  twice: seconds.optional(),
  read: reader,
  warn: conditions,
  fail: conditions,
  explains: names,
  skipWhen: names,
  compare: z.enum(['outliers', 'majority']).optional(),
  // biome-ignore lint/suspicious/noThenProperty: a word of playbooks; nothing awaits them
  then: z.array(z.string().min(1).max(300)).max(3).default([]),
  specificity: z.int().min(1).max(3).default(2),
})

/** Schema of a playbook. References between names, and what its commands do, are checked later, in `loadPlaybook`. */
export const playbookSchema = z.strictObject({
  playbook: name,
  title: sentence,
  for: z.enum(['node', 'pod', 'service']),
  alerts: z.array(z.string().min(1).max(100)).default([]),
  checks: z.record(name, check).refine((all) => Object.keys(all).length > 0, 'needs at least one check'),
})

export type PlaybookFile = z.infer<typeof playbookSchema>
