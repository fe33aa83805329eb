import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseAllDocuments } from 'yaml'

type Deployment = {
  kind: string
  spec: { template: { spec: { containers: [{ env: { name: string; value: string }[] }] } } }
}

const manifest = join(import.meta.dirname, '../../deploy/kubernetes/program.yaml')

/**
 * Returns the environment of the Deployments in `deploy/kubernetes/program.yaml`, so that the program is measured as it is deployed. Peers
 * in Node get it too.
 */
export function deployedEnv(): Record<string, string> {
  const all = parseAllDocuments(readFileSync(manifest, 'utf8')).map((each) => each.toJS() as Deployment)
  const [first, ...others] = all
    .filter(({ kind }) => kind === 'Deployment')
    .map(({ spec }) => spec.template.spec.containers[0].env.map(({ name, value }) => [name, value] as const))
  if (first === undefined || others.some((each) => JSON.stringify(each) !== JSON.stringify(first)))
    throw new Error(`${manifest}: bots and workers have different environments`)
  return Object.fromEntries(first)
}
