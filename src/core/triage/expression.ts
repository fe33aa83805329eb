import { type Measures, toNumber } from './measures.ts'

/** Arithmetic over measures: `count / max`. */
export type Expression =
  | { kind: 'number'; value: number }
  | { kind: 'name'; name: string }
  | { kind: 'operation'; sign: '+' | '-' | '*' | '/'; left: Expression; right: Expression }

type Parsed = { expression: Expression; rest: readonly string[] }

const token = /\s*(?:(\d+(?:\.\d+)?%?|[A-Za-z_][\w.]*|[-+*/()]))/y

/** Parses an expression; returns undefined for a text that isn't one. */
export function parseExpression(text: string): Expression | undefined {
  const tokens = tokenize(text.trim())
  const parsed = tokens === undefined ? undefined : parseSum(tokens)
  return parsed?.rest.length === 0 ? parsed.expression : undefined
}

function tokenize(text: string): string[] | undefined {
  const tokens: string[] = []
  for (let at = 0; at < text.length; ) {
    token.lastIndex = at
    const found = token.exec(text)
    if (found?.[1] === undefined) return undefined
    tokens.push(found[1])
    at = token.lastIndex
  }
  return tokens
}

const isSum = (word: string | undefined): word is '+' | '-' => word === '+' || word === '-'
const isProduct = (word: string | undefined): word is '*' | '/' => word === '*' || word === '/'

function parseSum(tokens: readonly string[]): Parsed | undefined {
  return parseChain(tokens, parseProduct, isSum)
}

function parseProduct(tokens: readonly string[]): Parsed | undefined {
  return parseChain(tokens, parseOperand, isProduct)
}

function parseChain(
  tokens: readonly string[],
  parsePart: (tokens: readonly string[]) => Parsed | undefined,
  isSign: (word: string | undefined) => word is '+' | '-' | '*' | '/',
): Parsed | undefined {
  let parsed = parsePart(tokens)
  for (;;) {
    const sign = parsed?.rest[0]
    if (parsed === undefined || !isSign(sign)) return parsed
    const right = parsePart(parsed.rest.slice(1))
    if (right === undefined) return undefined
    const left = parsed.expression
    parsed = { expression: { kind: 'operation', sign, left, right: right.expression }, rest: right.rest }
  }
}

function parseOperand(tokens: readonly string[]): Parsed | undefined {
  const [word, ...rest] = tokens
  if (word === undefined) return undefined
  if (word === '(') {
    const inner = parseSum(rest)
    return inner?.rest[0] === ')' ? { expression: inner.expression, rest: inner.rest.slice(1) } : undefined
  }
  if (/^\d/.test(word)) return { expression: { kind: 'number', value: parseAmount(word) }, rest }
  return /^\w/.test(word) ? { expression: { kind: 'name', name: word }, rest } : undefined
}

/** Parses `75%` to 0.75, and `75` to 75. */
function parseAmount(word: string): number {
  return word.endsWith('%') ? Number(word.slice(0, -1)) / 100 : Number(word)
}

/** Returns the names in an expression. */
export function namesIn(expression: Expression): string[] {
  if (expression.kind === 'number') return []
  return expression.kind === 'name' ? [expression.name] : [...namesIn(expression.left), ...namesIn(expression.right)]
}

/** Returns the value of an expression; a single name may be a word or a list. Undefined where a measure is missing. */
export function evaluate(expression: Expression, measures: Measures): Measures[string] | undefined {
  return expression.kind === 'name' ? measures[expression.name] : compute(expression, measures)
}

function compute(expression: Expression, measures: Measures): number | undefined {
  if (expression.kind === 'number') return expression.value
  if (expression.kind === 'name') return toNumber(measures[expression.name])
  const [left, right] = [compute(expression.left, measures), compute(expression.right, measures)]
  if (left === undefined || right === undefined) return undefined
  switch (expression.sign) {
    case '+':
      return left + right
    case '-':
      return left - right
    case '*':
      return left * right
    case '/':
      // Nothing of nothing is no share: no packet was sent, so none was lost.
      return right === 0 ? (left === 0 ? 0 : undefined) : left / right
  }
}
