import { UserError } from '#src/app/user-error'
import { version } from '#src/app/version'

const usage = `Retina ChatOps ${version}: debug Kubernetes networking from chat.

  retina-chatops start [--config FILE] [--role bot|worker|all]
      Starts the program. Roles may run as any number of processes; "all" is both in one.
  retina-chatops run --as PERSON [--config FILE] -- shell node001 dig example.com
      Sends one command through the whole system and prints its thread. Exit code: the tool's own.
  retina-chatops config check FILE
      Checks a whole retina.yaml; every mistake with line and column. Exit code: 0, or 1.
  retina-chatops can-i [--config FILE] --as PERSON [--group G]… [--in CHANNEL] [--platform P]
                       [--node-labels A=B] [-o json] -- shell node001 iptables -nvL
      Says what the policy would decide; needs neither cluster nor Redis.
      Exit code: 0 allowed, 3 asks for approval, 4 denied, 2 misunderstood.
  retina-chatops policy test FILE [--config FILE]
      Decides the cases of a file and compares; for the CI of the repository that your policy lives in.
      Exit code: 0 when all are decided as expected, or 1.
  retina-chatops passkey invite|list|remove --person ID [--config FILE]
      A one-time link by which a person adds a passkey, what they have, and the end of it: for sets that want
      approvals confirmed ("confirm: passkey").
  retina-chatops admission-policy [--config FILE] [--account USER]… [--impersonate]
      Kubernetes objects by which the API server itself refuses what the file can never allow; with --impersonate,
      the right to act for the people that the file names as well.
  retina-chatops audit verify [--config FILE]
      Is the audit log whole? Exit code: 0, or 1 with the place.
  retina-chatops audit export [--config FILE] [--since TIME] [--until TIME] [--person ID]
                       [--target TARGET] [--run ID] [-o json|csv]
      Its records, one a line.
  retina-chatops version | help

FILE is retina.yaml in the current folder unless RETINA_CONFIG or --config names another.
Secrets come from the environment: SLACK_BOT_TOKEN, SLACK_SIGNING_SECRET, SLACK_APP_TOKEN; REDIS_URL wins over the file.
RETINA_SEAL_KEY (32 characters or more, the same for all processes) seals what goes through Redis.`

/** Each command loads its own modules: one that only answers a question needn't load a Kubernetes client. */
const commands: ReadonlyMap<string, () => Promise<(argv: readonly string[]) => Promise<number>>> = new Map([
  ['start', async () => (await import('./start.ts')).startCommand],
  ['run', async () => (await import('./run.ts')).runCommand],
  ['config', async () => (await import('./check-config.ts')).checkConfig],
  ['policy', async () => (await import('./policy-test.ts')).testPolicy],
  ['passkey', async () => (await import('./passkey.ts')).passkey],
  ['admission-policy', async () => (await import('./admission-policy.ts')).printAdmissionPolicy],
  ['audit', async () => (await import('./audit.ts')).audit],
  ['can-i', async () => (await import('./can-i.ts')).canI],
])

async function main(argv: readonly string[]): Promise<number> {
  const [command, ...rest] = argv
  if (command === 'version' || command === '--version') {
    console.log(version)
    return 0
  }
  if (command === undefined || ['help', '--help', '-h'].includes(command)) {
    console.log(usage)
    return command === undefined ? 2 : 0
  }
  const load = commands.get(command)
  if (load === undefined) throw new UserError('bad-usage', `There is no "${command}".`)
  return (await load())(rest)
}

/** Runs the command of `argv` and resolves with the exit code; prints errors to standard error. */
export async function commandLine(argv: readonly string[]): Promise<number> {
  try {
    return await main(argv)
  } catch (error) {
    console.error(error instanceof UserError ? error.message : error)
    return error instanceof UserError && error.code === 'bad-usage' ? 2 : 1
  }
}
