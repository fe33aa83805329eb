import { UserError } from '#src/app/user-error'
import { version } from '#src/app/version'

const usage = `Retina ChatOps ${version}: debug Kubernetes networking from chat.

  retina-chatops init [--folder DIR] [--cluster NAME[=CONTEXT]]… [--in-cluster NAME|none]
                      [--slack http|socket|no] [--teams APP-ID --tenant ID [--entra-client ID]] [--url https://…]
                      [--lead EMAIL]… [--operator EMAIL]… [--shell-image IMAGE] [--image IMAGE] [--embedded-redis]
      Writes retina.yaml with a starter policy, its tests, the chat apps' manifests, the chart's values and the
      admission policy, and says what comes next. Asks for what no flag says. Never overwrites a file.
  retina-chatops doctor [--config FILE] [--role ROLE] [--as USER] [--pull [CLUSTER/]NODE] [-o json]
      Checks every prerequisite by name, and says what mends it: configuration, secrets, Redis, clusters and rights,
      admission policy, image, chats, clocks, addresses. --as: the rights of a service account, by impersonation;
      --pull: starts a debug pod on a node. Exit code: 0, or 1 where a check fails.
  retina-chatops start [--config FILE] [--role bot|worker|all]
      Starts the program. Roles may run as any number of processes; "all" is both in one.
  retina-chatops run --as PERSON [--config FILE] [-o json] -- shell node001 dig example.com
      Sends one command through the whole system and prints its thread; with -o json, each message as one line of JSON.
      Exit code: the tool's own; of many targets 0 if it completed on all, else what the failed ones have in common, or 1;
      4 refused, 2 misunderstood, 130 interrupted.
  retina-chatops config check FILE
      Checks retina.yaml and reports every mistake with line and column. Exit code: 0, or 1.
  retina-chatops can-i [--config FILE] --as PERSON [--group G]… [--in CHANNEL] [--platform P]
                       [--node-labels A=B] [-o json] -- shell node001 iptables -nvL
      Shows what the policy would decide; needs neither a cluster nor Redis. A single argument is a text: as it is typed,
      or, with --platform slack or teams, as that chat sends it.
      Exit code: 0 allowed, 3 requires approval, 4 denied, 2 misunderstood.
  retina-chatops policy test FILE [--config FILE]
      Decides the cases of a file and compares the results; for CI in your policy's repository.
      Exit code: 0 when all are decided as expected, or 1.
  retina-chatops insight [--exit CODE] [--at TIME] [-o json] -- dig example.com < OUTPUT
      Prints what the bot would say about a tool's output: severity, headline, facts and hint. Without the exit code
      nothing is concluded from it; TIME is when the tool ran, for certificates. Exit code: 0, or 1 where it says nothing.
  retina-chatops pause|resume --reason TEXT [--by NAME] [--config FILE]
      Pauses all runs: nothing new is run, open runs and sessions are ended, and everybody is told in their threads.
      It outlives restarts; resume ends it. Both are on record. ("paused: REASON" in retina.yaml does the same.)
  retina-chatops passkey invite|list|remove --person ID [--config FILE]
      Creates a one-time link with which a person adds a passkey, lists a person's passkeys, or removes them; for
      sets whose approvals must be confirmed ("confirm: passkey").
  retina-chatops admission-policy [--config FILE] [--account USER]… [--impersonate] [--helm]
      Prints Kubernetes objects with which the API server itself refuses what the file can never allow; with
      --impersonate, also the permission to impersonate the people that the file names; with --helm, for the chart,
      which checks that they were made from the same file.
  retina-chatops audit verify [--config FILE]
      Checks that the audit log is intact. Exit code: 0, or 1 with the position of the mistake.
  retina-chatops audit export [--config FILE] [--since TIME] [--until TIME] [--person ID]
                       [--target TARGET] [--run ID] [-o json|csv]
      Prints its records, one per line.
  retina-chatops recording verify ID [--config FILE]
      Checks that the recording of a shell is what was recorded: each event, their chain of hashes, and its head in the
      audit log. Exit code: 0, or 1 with the position of the mistake.
  retina-chatops redact [--config FILE] < TEXT
      Prints a text as it would be shown: escape codes visible, secrets hidden, by the forms that are known and those
      of "redact" in FILE. Without --config, only the known ones. The number of secrets is told on standard error.
  retina-chatops playbook check FILE… | playbook test FILE
      Checks playbooks of triage, and reports every mistake with line and column; runs a file with recorded outputs, and
      compares what the checks find in them with what they have to. Exit code: 0, or 1.
  retina-chatops schema config|policy-test|playbook
      Prints the JSON Schema of retina.yaml, of a file with policy tests, or of a playbook, for editors and CI.
  retina-chatops version | help

FILE is retina.yaml in the current folder unless RETINA_CONFIG or --config names another.
Secrets come from the environment: SLACK_BOT_TOKEN, SLACK_SIGNING_SECRET, SLACK_APP_TOKEN; REDIS_URL wins over the file.
RETINA_SEAL_KEY (32 characters or more, the same for all processes) signs what is stored in Redis; keys of RETINA_SEAL_KEY_ALSO
are accepted too, while one key replaces another.`

/** Each command loads its own modules: one that only answers a question needn't load a Kubernetes client. */
const commands: ReadonlyMap<string, () => Promise<(argv: readonly string[]) => Promise<number>>> = new Map([
  ['init', async () => (await import('./init.ts')).init],
  ['doctor', async () => (await import('./doctor.ts')).doctor],
  ['start', async () => (await import('./start.ts')).startCommand],
  ['run', async () => (await import('./run.ts')).runCommand],
  ['config', async () => (await import('./check-config.ts')).checkConfig],
  ['policy', async () => (await import('./policy-test.ts')).testPolicy],
  ['pause', async () => (await import('./pause.ts')).pause],
  ['resume', async () => (await import('./pause.ts')).resume],
  ['passkey', async () => (await import('./passkey.ts')).passkey],
  ['admission-policy', async () => (await import('./admission-policy.ts')).printAdmissionPolicy],
  ['insight', async () => (await import('./insight.ts')).printInsight],
  ['audit', async () => (await import('./audit.ts')).audit],
  ['recording', async () => (await import('./recording-command.ts')).recording],
  ['redact', async () => (await import('./redact.ts')).redact],
  ['playbook', async () => (await import('./playbook.ts')).playbook],
  ['schema', async () => (await import('./schema.ts')).printSchema],
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
  if (load === undefined) throw new UserError('bad-usage', `There is no command "${command}".`)
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
