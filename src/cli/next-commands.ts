import { join } from 'node:path'
import type { StarterAnswers } from './starter-answers.ts'
import { secretName } from './starter-files.ts'

/** The chart, from the folder of this program. */
const chart = 'deploy/helm/retina-chatops'

/** Namespace of bot and workers. */
const namespace = 'retina-chatops-system'

/** Returns what `init` says at its end: the three commands that follow. */
export function nextCommands(answers: StarterAnswers, folder: string): string {
  const at = (name: string) => join(folder, name)
  return [
    '',
    `Change the policy as you like, and make the admission policy again then:`,
    `     npx retina-chatops policy test ${at('policy-tests.yaml')}`,
    `     npx retina-chatops admission-policy --helm --impersonate --config ${at('retina.yaml')} > ${at('admission-policy.yaml')}`,
    '',
    '1. Make the secrets, with your own values in place of …:',
    ...secretCommand(answers).map((line) => `     ${line}`),
    '2. Install it:',
    `     helm install retina-chatops ${chart} -n ${namespace} -f ${at('values.yaml')} \\`,
    `       --set-file config=${at('retina.yaml')} --set-file admissionPolicy.file=${at('admission-policy.yaml')}`,
    '3. See what is missing, and what mends it (it runs `retina-chatops doctor` there):',
    `     helm -n ${namespace} test retina-chatops --logs`,
    '',
    ...answers.chats.map(({ hint }) => hint),
  ].join('\n')
}

function secretCommand({ chats, embeddedRedis, url }: StarterAnswers): string[] {
  const redis = embeddedRedis ? [] : ['REDIS_URL=redis://…']
  const common = ['RETINA_SEAL_KEY="$key"', ...redis, ...chats.flatMap(({ secrets }) => secrets)]
  const inbound = chats.flatMap(({ botSecrets }) => botSecrets)
  const create = (name: string, values: readonly string[]) =>
    `kubectl -n ${namespace} create secret generic ${name} ${values.map((each) => `--from-literal=${each}`).join(' ')}`
  const password = embeddedRedis
    ? [`${create('retina-chatops-redis', ['REDIS_PASSWORD="$(openssl rand -hex 16)"'])} && \\`]
    : []
  return [
    `kubectl create namespace ${namespace} && key="$(openssl rand -hex 32)" && \\`,
    ...password,
    `${create(secretName('bot'), [...common, ...inbound])} && \\`,
    `${create(secretName('worker'), common)}${url === undefined ? '' : ' && \\'}`,
    ...(url === undefined ? [] : [create(secretName('terminal'), common)]),
  ]
}
