import { expect, test } from '@jest/globals'
import { containerSettings } from '#src/app/container-settings'
import { knownNames } from '#src/app/policy-file'
import { parseConfig, remarkText } from '#src/config/load'

const fileWith = (shell: string) => `clusters: [{ name: dev }]
shell:
  image: { repo: a.io/shell, version: v1 }
${shell}
`
function load(shell: string) {
  const loaded = parseConfig(fileWith(shell), {}, knownNames())
  const texts = (remarks: Parameters<typeof remarkText>[1][]) => remarks.map((each) => remarkText('f', each))
  if ('mistakes' in loaded) return { mistakes: texts([...loaded.mistakes]), warnings: [], settings: undefined }
  return { mistakes: [], warnings: texts([...loaded.warnings]), settings: containerSettings(loaded.config) }
}

test('settings of debug pods have Kubernetes’ names, and reach the pods as they are', () => {
  const { warnings, settings } = load(`  imagePullSecrets: [registry]
  priorityClassName: debug-tools
  resources: { requests: { cpu: 0.5, memory: 64Mi }, limits: { memory: 1Gi, ephemeral-storage: 1e9 } }
  labels: { team: platform, empty: '' }
  annotations: { sidecar.istio.io/inject: "false" }`)
  expect(warnings).toEqual([])
  expect(settings).toEqual({
    pullPolicy: 'IfNotPresent',
    imagePullSecrets: ['registry'],
    priorityClassName: 'debug-tools',
    resources: {
      requests: { cpu: '0.5', memory: '64Mi' },
      limits: { memory: '1Gi', 'ephemeral-storage': '1000000000' },
    },
    labels: { team: 'platform', empty: '' },
    annotations: { 'sidecar.istio.io/inject': 'false' },
  })
})

test('earlier names still work, with a warning that says what to write', () => {
  const { warnings, settings } = load('  pullSecrets: [registry]\n  priorityClass: debug-tools')
  expect(warnings).toEqual([
    'f:4:16: "pullSecrets" is the earlier name; write "imagePullSecrets"',
    'f:5:18: "priorityClass" is the earlier name; write "priorityClassName"',
  ])
  expect(settings).toMatchObject({ imagePullSecrets: ['registry'], priorityClassName: 'debug-tools' })
})

test.each<[string, RegExp]>([
  [
    'imagePullSecrets: [a]\n  pullSecrets: [b]',
    /^f:5:16: "pullSecrets" is the earlier name of "imagePullSecrets", which is set too; remove "pullSecrets"$/,
  ],
  ['resources: { limit: { cpu: 1 } }', /^f:4:16: there is no "limit" here; did you mean "limits"\?$/],
  ['resources: { limits: { nvidia.com/gpu: 1 } }', /^f:4:26: there is no "nvidia.com\/gpu" here/],
  ['resources: { limits: { memory: 512 MB } }', /^f:4:34: "512 MB" is no quantity of memory; use 256Mi or 1Gi$/],
  ['resources: { limits: { memory: -1 } }', /^f:4:34: "-1" is no quantity of memory/],
  ['resources: { requests: { cpu: "half" } }', /^f:4:33: "half" is no quantity of cpu; use 500m or 2$/],
  [
    'resources: { requests: { cpu: 2 }, limits: { cpu: 500m } }',
    /^f:4:33: debug pods would request 2 cpu, but are limited to 500m$/,
  ],
  [
    'annotations: { sidecar.istio.io/inject: false }',
    /^f:4:43: "shell.annotations.sidecar.istio.io\/inject": must be a text; put it in quotes, as "false"$/,
  ],
  ['annotations: { "a b": c }', /^f:4:25: "a b" is no key of an annotation; use a name, or DOMAIN\/NAME/],
  [
    'annotations: { retina-chatops.io/person: eve }',
    /^f:4:44: "retina-chatops.io\/person" is set by the program itself; remove it$/,
  ],
  [
    'annotations: { container.apparmor.security.beta.kubernetes.io/shell: unconfined }',
    /^f:4:72: "container.apparmor.security.beta.kubernetes.io\/shell" sets the confinement of every debug pod; give "unconfined" to a capability set instead$/,
  ],
  ['annotations: { seccomp.security.alpha.kubernetes.io/pod: unconfined }', /sets the confinement of every debug pod/],
  [
    'labels: { app.kubernetes.io/managed-by: Helm }',
    /^f:4:43: "app.kubernetes.io\/managed-by" is set by the program itself; remove it$/,
  ],
  ['labels: { team: "a b" }', /^f:4:19: "a b" is no value of a label; use at most 63 letters/],
  [`labels: { team: ${'x'.repeat(64)} }`, /is no value of a label/],
  ['labels: { Example.com/team: x }', /is no key of a label/],
  ['labels: [team]', /^f:4:11: "shell.labels": /],
  ['priorityClassName: "a b"', /^f:4:22: "a b" is no name of a Kubernetes object; use lower-case letters/],
])('a wrong setting is named with its place: %s', (shell, mistake) => {
  const { mistakes } = load(`  ${shell}`)
  expect(mistakes).toEqual([expect.stringMatching(mistake)])
})
