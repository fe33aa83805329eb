#!/usr/bin/env node
import { audit } from './cli/audit.ts'
import { canI } from './cli/can-i.ts'
import { checkConfig } from './cli/config-check.ts'
import { passkey } from './cli/passkey.ts'
import { testPolicy } from './cli/policy-test.ts'
import { runCommand } from './cli/run.ts'
import { startCommand } from './cli/start.ts'
import { UserError } from './errors.ts'
import { version } from './version.ts'

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
  retina-chatops audit verify [--config FILE]
      Is the audit log whole? Exit code: 0, or 1 with the place.
  retina-chatops audit export [--config FILE] [--since TIME] [--until TIME] [--person ID]
                       [--target TARGET] [--run ID] [-o json|csv]
      Its records, one a line.
  retina-chatops version | help

FILE is retina.yaml in the current folder unless RETINA_CONFIG or --config names another.
Secrets come from the environment: SLACK_BOT_TOKEN, SLACK_SIGNING_SECRET, SLACK_APP_TOKEN; REDIS_URL wins over the file.
RETINA_SEAL_KEY (32 characters or more, the same for all processes) seals what goes through Redis.`

async function main(argv: readonly string[]): Promise<number> {
  const [command, ...rest] = argv
  switch (command) {
    case 'start':
      return startCommand(rest)
    case 'run':
      return runCommand(rest)
    case 'config':
      return checkConfig(rest)
    case 'policy':
      return testPolicy(rest)
    case 'passkey':
      return passkey(rest)
    case 'audit':
      return audit(rest)
    case 'can-i':
      return canI(rest)
    case 'version':
    case '--version':
      console.log(version)
      return 0
    case undefined:
    case 'help':
    case '--help':
    case '-h':
      console.log(usage)
      return command === undefined ? 2 : 0
    default:
      throw new UserError('bad-usage', `There is no "${command}".`)
  }
}

main(process.argv.slice(2)).then(
  // Said in so many words: what couldn't be closed (a Redis that is away) mustn't keep a program that is done.
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error instanceof UserError ? error.message : error)
    process.exit(error instanceof UserError && error.code === 'bad-usage' ? 2 : 1)
  },
)
