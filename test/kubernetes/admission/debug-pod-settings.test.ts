import { expect, test } from '@jest/globals'
import type { V1Pod } from '@kubernetes/client-node'
import { admissionObjects } from '#src/app/admission-objects'
import { containerSettings } from '#src/app/container-settings'
import { knownNames } from '#src/app/policy-file'
import { type Config, parseConfig } from '#src/config/load'
import { expectValid } from '#test/config/expect-valid'
import { refusalsOf, withServerDefaults } from '#test/environment/evaluate-admission'
import { containerVariants } from '#test/redteam/container-variants'
import { withChange } from '#test/redteam/json-pointer'
import { kinds, legitimatePod, variantsPolicy } from '#test/redteam/legitimate'
import { podVariants } from '#test/redteam/pod-variants'
import { settingsText, settingVariants } from '#test/redteam/setting-variants'
import { volumeVariants } from '#test/redteam/volume-variants'

const namespace = 'retina-chatops'
const worker = 'system:serviceaccount:retina-chatops-system:worker'

function configOf(shell: string): Config {
  const image = 'image: { repo: localhost/retina-chatops/shell, version: dev }, pin: off'
  return expectValid(
    parseConfig(`clusters: [{ name: dev }]\nshell: { ${image}${shell} }\n${variantsPolicy}`, {}, knownNames()),
  ).config
}

/** Creates a judge of debug pods by the admission policy of a file with these settings. */
function judgeOf(shell: string) {
  const config = configOf(shell)
  const objects = admissionObjects(config, { accounts: [worker], impersonate: false })
  const request = { namespace, userInfo: { username: worker, groups: [] }, operation: 'CREATE' }
  const settings = containerSettings(config)
  return {
    refusals: (pod: V1Pod) => refusalsOf(objects, 'retina-chatops', { object: withServerDefaults(pod), request }),
    pod: (kind: (typeof kinds)[number]) => legitimatePod(kind, namespace, settings),
  }
}

const plain = judgeOf('')
const set = judgeOf(settingsText)

test.each(kinds)('T47 the debug pod of a run is accepted, without and with settings of the owner: %s', (kind) => {
  expect(plain.refusals(plain.pod(kind))).toEqual([])
  expect(set.refusals(set.pod(kind))).toEqual([])
})

const variants = [...podVariants, ...containerVariants, ...volumeVariants].filter(
  ({ alsoServer, dropped }) => alsoServer === undefined && dropped === undefined,
)

test.each(variants)(
  'T47 a debug pod is refused, without and with settings of the owner: $what',
  ({ of: kind = 'plain', at, be }) => {
    for (const judge of [plain, set]) expect(judge.refusals(withChange(judge.pod(kind), { at, be }))).not.toEqual([])
  },
)

test.each(settingVariants)(
  'T47 what the owner’s settings don’t give is refused: $what',
  ({ of: kind = 'plain', at, be }) => {
    expect(set.refusals(withChange(set.pod(kind), { at, be }))).not.toEqual([])
  },
)

test.each(settingVariants.filter(({ configured }) => configured))(
  'T47 a setting that the owner has not made is refused: $what',
  ({ of: kind = 'plain', at }) => {
    const value = at
      .split('/')
      .slice(1)
      .reduce<unknown>((part, key) => (part as Record<string, unknown>)[key.replaceAll('~1', '/')], set.pod(kind))
    expect(value).toBeDefined()
    expect(plain.refusals(withChange(plain.pod(kind), { at, be: value }))).not.toEqual([])
  },
)

test('T47 quantities are compared by their value, and what the API server or a LimitRange fills in is accepted', () => {
  const at = '/spec/containers/0/resources'
  const same = { requests: { cpu: '0.1', memory: '67108864' }, limits: { memory: '4096Mi' } }
  expect(set.refusals(withChange(set.pod('plain'), { at, be: same }))).toEqual([])
  const filled = {
    ...same,
    requests: { ...same.requests, 'ephemeral-storage': '1Gi' },
    limits: { ...same.limits, cpu: '2' },
  }
  expect(set.refusals(withChange(set.pod('plain'), { at, be: filled }))).toEqual([])
})

test('requests that the API server copies from limits above the usual bounds are accepted', () => {
  const judge = judgeOf(', resources: { limits: { memory: 8Gi } }')
  expect(judge.refusals(judge.pod('plain'))).toEqual([])
})

test.each(['sidecar.istio.io/inject: "false"', 'linkerd.io/inject: disabled'])(
  'T47 an annotation that keeps a sidecar out is accepted where it is configured, and refused where it is not: %s',
  (annotation) => {
    const judge = judgeOf(`, annotations: { ${annotation} }`)
    expect(judge.refusals(judge.pod('plain'))).toEqual([])
    expect(plain.refusals(judge.pod('plain'))).toEqual([
      'retina-chatops: annotations other than those of runs and of shell.annotations',
    ])
    expect(judge.refusals(plain.pod('plain'))).toEqual([
      'retina-chatops: annotations other than those of runs and of shell.annotations',
    ])
  },
)
