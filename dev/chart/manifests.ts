import { type Document, parseAllDocuments } from 'yaml'

/** Renders the chart with these arguments of `helm template`; resolves with YAML. */
export type Render = (args: readonly string[]) => Promise<string>

const image = 'registry.example.com/retina-chatops'

/** Namespace of debug pods: the default of retina.yaml. */
const debugNamespace = 'retina-chatops'

/** Arguments for an installation by kubectl: its ConfigMap and admission policy are made from the owner's retina.yaml. */
const args = [
  ...['--skip-tests', '--set', `image.repository=${image}`, '--set', 'admissionPolicy.external=true'],
  ...['--set-json', 'config={"clusters":[{"name":"prod","inCluster":true}]}', '--set', 'targets.namespaces={shop}'],
]

/** Further argument with which the terminals are there too. */
const withTerminals =
  'config={"clusters":[{"name":"prod","inCluster":true}],"terminal":{"url":"https://chatops.example.com"}}'

const head = '# Rendered from deploy/helm/retina-chatops by `npm run chart`; change it there.\n'

const systemNamespace = `# Bot and workers live in a namespace of their own: what runs in the other one may do a lot, and shall reach neither their
# secrets nor their pods.
apiVersion: v1
kind: Namespace
metadata:
  name: retina-chatops-system
  labels:
    pod-security.kubernetes.io/enforce: restricted
    pod-security.kubernetes.io/enforce-version: latest
`

/** Resolves with the files of deploy/kubernetes: path from the root → text. */
export async function manifests(render: Render): Promise<Record<string, string>> {
  const documents = parseAllDocuments(await render(args)) as Document[]
  const text = (selected: (kind: string, namespace: string) => boolean) =>
    documents
      .filter((each) => selected(String(each.get('kind')), String(each.getIn(['metadata', 'namespace']))))
      .map(plainText)
      .join('---\n')
  const all = parseAllDocuments(await render([...args, '--set-json', withTerminals])) as Document[]
  const ofTerminals = all.filter((each) => String(each.getIn(['metadata', 'name'])).includes('terminal'))
  const terminalText = (isInPods: boolean) =>
    ofTerminals
      .filter((each) => (each.getIn(['metadata', 'namespace']) === 'shop') === isInPods)
      .map(plainText)
      .join('---\n')
  const rights = ['ServiceAccount', 'ClusterRole', 'ClusterRoleBinding', 'Role', 'RoleBinding']
  const isDebug = (kind: string, namespace: string) => kind === 'Namespace' || namespace === debugNamespace
  return {
    'deploy/kubernetes/namespaces.yaml': `${head}${systemNamespace}---\n${text((kind, namespace) => isDebug(kind, namespace) && !rights.includes(kind))}`,
    'deploy/kubernetes/rights.yaml': `${head}${text((kind, namespace) => rights.includes(kind) && namespace !== 'shop')}`,
    'deploy/kubernetes/pods.example.yaml': `${head}# Lets pods of one namespace be debugged. Apply it in each: kubectl apply -n shop -f pods.example.yaml\n${text((_kind, namespace) => namespace === 'shop')}`,
    'deploy/kubernetes/program.yaml': `${head}# README.md says what has to be there before. Name your image in it.\n${text((kind, namespace) => !rights.includes(kind) && kind !== 'ConfigMap' && !isDebug(kind, namespace))}`,
    'deploy/kubernetes/terminal.yaml': `${head}# Interactive shells: where retina.yaml has \`terminal: { url }\`. Name your image in it, and route /t/ of that address to its Service.\n${terminalText(false)}`,
    'deploy/kubernetes/terminal-pods.example.yaml': `${head}# Lets shells be opened in pods of one namespace: kubectl apply -n shop -f terminal-pods.example.yaml\n${terminalText(true)}`,
  }
}

/** Returns the text of an object without what only Helm needs; a namespace that is an example is left out. */
function plainText(document: Document): string {
  const labels = ['metadata', 'labels']
  for (const label of ['helm.sh/chart', 'app.kubernetes.io/managed-by', 'app.kubernetes.io/version']) {
    document.deleteIn([...labels, label])
  }
  if (document.hasIn(['spec', 'template', 'metadata', 'annotations'])) {
    document.deleteIn(['spec', 'template', 'metadata', 'annotations'])
  }
  if (document.getIn(['metadata', 'namespace']) === 'shop') document.deleteIn(['metadata', 'namespace'])
  const withoutSource = (comment: string | null | undefined) => comment?.replace(/^ Source: .*\n?/m, '') || null
  document.commentBefore = withoutSource(document.commentBefore)
  const { contents } = document
  if (contents !== null) contents.commentBefore = withoutSource(contents.commentBefore)
  return document.toString({ lineWidth: 0, directives: false })
}
