import { existsSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, normalize, relative } from 'node:path'
import { expect, test } from '@jest/globals'
import { projectFiles } from '#test/dev/project-files'

const root = join(import.meta.dirname, '../..')
const tracked = projectFiles()
const documents = tracked.filter((file) => file.endsWith('.md') && !file.startsWith('test/fixtures/'))
const read = (file: string) => readFileSync(join(root, file), 'utf8')

/** Removes code, in which brackets are no links. */
const withoutCode = (text: string) => text.replaceAll(/```[\s\S]*?```/g, '').replaceAll(/`[^`\n]*`/g, '')

/** Returns the anchors of a document's headings, as GitHub makes them. */
function anchorsOf(file: string): ReadonlySet<string> {
  const seen = new Map<string, number>()
  const anchors = [
    ...read(file)
      .replaceAll(/```[\s\S]*?```/g, '')
      .matchAll(/^#{1,6} (.+)$/gm),
  ].map(([, heading = '']) => {
    const plain = heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    const slug = plain
      .trim()
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(/\s/g, '-')
    const times = seen.get(slug) ?? 0
    seen.set(slug, times + 1)
    return times === 0 ? slug : `${slug}-${times}`
  })
  return new Set(anchors)
}

type Link = { file: string; target: string }
const links: Link[] = documents.flatMap((file) =>
  [...withoutCode(read(file)).matchAll(/\]\(([^)\s]+)(?:\s+"[^"]*")?\)/g)].map(([, target = '']) => ({ file, target })),
)
const ownLinks = links.filter(({ target }) => !/^[a-z]+:/.test(target))

/** Returns what is wrong with a link inside the repository; undefined where it resolves. */
function problemOf({ file, target }: Link): string | undefined {
  const [path = '', anchor] = target.split('#')
  const place = path === '' ? file : normalize(relative(root, join(root, dirname(file), decodeURIComponent(path))))
  if (!existsSync(join(root, place))) return `${file}: ${target}: there is no ${place}`
  if (anchor === undefined || anchor === '') return undefined
  if (statSync(join(root, place)).isDirectory() || !place.endsWith('.md'))
    return `${file}: ${target}: ${place} has no headings`
  return anchorsOf(place).has(anchor) ? undefined : `${file}: ${target}: ${place} has no heading for #${anchor}`
}

test('every link between documents, and each anchor in it, resolves', () => {
  expect(ownLinks.length).toBeGreaterThan(100)
  expect(ownLinks.flatMap((link) => problemOf(link) ?? [])).toEqual([])
})

test('anchors are made as GitHub makes them', () => {
  expect(anchorsOf('docs/operate.md')).toContain('through-a-proxy')
  expect(problemOf({ file: 'docs/install.md', target: 'operate.md#no-such-heading' })).toContain(
    'has no heading for #no-such-heading',
  )
  expect(problemOf({ file: 'docs/install.md', target: 'no-such.md' })).toContain('there is no docs/no-such.md')
})

// Messages and files of the program name documents, too.
test('every document that a message, a chart or an example names exists, with its heading', () => {
  const texts = tracked.filter(
    (file) => /^(src|adapters|deploy|dev|shell-image)\//.test(file) && /\.(ts|ya?ml|tpl|txt|sh|md)$/.test(file),
  )
  const named = texts.flatMap((file) =>
    [...read(file).matchAll(/(?<![\w/.-])((?:docs|deploy|shell-image)\/[\w./-]+\.md)(?:, [“"]([^”"]+)[”"])?/g)].map(
      ([, path = '', heading]) => ({ file, path, heading }),
    ),
  )
  expect(named.length).toBeGreaterThan(5)
  // A heading is named after its document, which is checked below; the other way round it would not be.
  const namedBefore = texts.flatMap(
    (file) => read(file).match(/["”] in (?:docs|deploy|adapters|shell-image)\/\S*/g) ?? [],
  )
  expect(namedBefore).toEqual([])
  const wrong = named.filter(
    ({ path, heading }) =>
      !existsSync(join(root, path)) || (heading !== undefined && !read(path).includes(`# ${heading}`)),
  )
  expect(wrong).toEqual([])
})

test('every file of the repository that a document names is there', () => {
  // Decisions name what there was then; the others have files that their reader is to write.
  const others = /^(docs\/decisions\/|docs\/extending\.md$|adapters\/README\.md$|CHANGELOG\.md$)/
  const paths = /`((?:src|adapters|dev|test|deploy|shell-image|docs|flow|e2e|redteam|contract)\/[\w./-]+)`/g
  const named = documents
    .filter((file) => !others.test(file))
    .flatMap((file) => [...read(file).matchAll(paths)].map(([, path = '']) => ({ file, path })))
  expect(named.length).toBeGreaterThan(200)
  const places = (file: string, path: string) => [
    path,
    `test/${path}`,
    `test/${path}.test.ts`,
    `test/${path}.ts`,
    `src/${path}`,
    join(dirname(file), path),
  ]
  const missing = named.filter(
    ({ file, path }) => !path.includes('NNN') && !places(file, path).some((each) => existsSync(join(root, each))),
  )
  expect(missing).toEqual([])
})

test('the handbook says what each setting of the environment is', () => {
  const sources = tracked
    .filter((file) => /^(src|adapters)\/.*\.ts$/.test(file))
    .map(read)
    .join('\n')
  const variables = [...sources.matchAll(/(?:env\[|secret\()'([A-Z][A-Z0-9_]{5,})'/g)].map(([, name = '']) => name)
  const others = ['KUBERNETES_SERVICE_HOST', 'DOCKER_CONFIG', 'KUBECONFIG', 'RETINA_CONFIG']
  const known = `${read('docs/operate.md')}${read('deploy/retina.example.yaml')}`
  expect([...new Set(variables)].filter((name) => !others.includes(name) && !known.includes(name))).toEqual([])
})
