import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { cliHere } from '#test/cli/run-cli'
import { schemaIssues } from './schema-issues.ts'

const deploy = join(import.meta.dirname, '../../deploy')
const read = (path: string) => readFileSync(join(deploy, path), 'utf8')

const files = [
  { name: 'config', schema: 'schema/retina.schema.json', example: 'retina.example.yaml' },
  { name: 'policy-test', schema: 'schema/policy-tests.schema.json', example: 'policy-tests.example.yaml' },
  { name: 'playbook', schema: 'schema/playbook.schema.json', example: 'playbook.example.yaml' },
]

test.each(files)(
  'deploy/$schema is what `retina-chatops schema $name` prints now (npm run chart)',
  async ({ name, schema }) => {
    const { code, stdout } = await cliHere(['schema', name])
    expect(code).toBe(0)
    expect(read(schema)).toBe(stdout)
  },
)

test.each(files)('deploy/$example names its schema in the first line, and meets it', ({ schema, example }) => {
  const text = read(example)
  expect(text.split('\n')[0]).toBe(`# yaml-language-server: $schema=${schema}`)
  expect(schemaIssues(read(schema), text)).toEqual([])
})

const wrong = [
  { name: 'an unknown key', text: 'clusters: [{ name: a }]\nshel: {}\n' },
  { name: 'no cluster', text: 'clusters: []\n' },
  { name: 'a misspelt mode', text: 'clusters: [{ name: a, impersonate: always }]\n' },
  { name: 'a port that is none', text: 'clusters: [{ name: a }]\nhttp: { port: 70000 }\n' },
  {
    name: 'a digest that is none',
    text: 'clusters: [{ name: a }]\nshell: { image: { repo: a, version: b, digest: c } }\n',
  },
]

test.each(wrong)('the schema of retina.yaml refuses $name', ({ text }) => {
  expect(schemaIssues(read('schema/retina.schema.json'), text)).not.toEqual([])
})

test('an unknown schema is a mistake of usage', async () => {
  expect(await cliHere(['schema', 'nothing'])).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/schema config/),
  })
})
