import { requestDetails } from '#core/audit'
import { toDebugSpec } from '#core/debug-spec'
import { decide } from '#core/decide'
import { hardenedHint } from '#core/hardened'
import type { Decision } from '#core/policy'
import type { Cluster, TargetProblem } from '#core/ports'
import type { ToolRequest } from '#core/request'
import type { Run } from '#core/run'
import { runCard } from '#core/run-card'
import { type Target, type TargetFacts, targetText } from '#core/target'
import type { ShellCommand, TypedTarget } from '#src/command/command'
import { plan } from '#src/command/plan'
import { nearestTargets } from './answers.ts'
import { ask } from './ask.ts'
import type { Conversation } from './conversation.ts'
import { decisionNotice, refusal } from './explain.ts'
import type { House } from './house.ts'

/** Facts of a target that isn't there, or that nobody has asked the cluster about: no pattern of labels matches them. */
const noFacts: TargetFacts = { uid: '', node: '', os: 'linux', labels: {}, namespaceLabels: {} }

/** Hops 4 to 6 for `shell`: what does it need, may this person have it there, and if so: into the queue. */
export async function admit(house: House, talk: Conversation, command: ShellCommand): Promise<void> {
  const rules = house.rules()
  const typed = talk.inbound.text
  if (command.pipeline.length === 0) {
    await talk.say({
      kind: 'misunderstood',
      typed,
      message: sessionsMissing,
      suggestion: `${typed.trim()} ping 127.0.0.1`,
    })
    return
  }
  const planned = plan(command, house.catalogue, rules.image)
  if ('verb' in planned) {
    house.count('misunderstood')
    const { message, suggestion } = planned
    await talk.say({ kind: 'misunderstood', typed, message, ...(suggestion === undefined ? {} : { suggestion }) })
    return
  }
  const target = fullTarget(command.target, rules.defaultCluster)
  const cluster = house.clusters.get(target.cluster)
  if (cluster === undefined) {
    const message = `There is no cluster "${target.cluster}" here. Leave --context out for ${rules.defaultCluster}.`
    await talk.say({ kind: 'misunderstood', typed, message })
    return
  }
  const found = await cluster.resolve(target)
  const facts = 'problem' in found ? noFacts : found
  const request = toRequest(talk, command, target, facts, planned)
  const decision = decide(request, rules.policy, request.at)
  if (!command.dryRun) await house.audit('decided', talk.id, talk.person.id, decisionDetails(request, decision))
  house.log.info(
    { run: talk.id, person: talk.person.id, target: targetText(target), effect: decision.effect },
    'decided',
  )

  if (command.dryRun) {
    const problem = problemOf(found, decision) ?? (await refusalOf(house, cluster, request, decision))
    await talk.say(decisionNotice(request, decision, problem))
    return
  }
  if (decision.effect === 'deny') {
    house.count('refused')
    const misspelt = decision.reason === 'no-grant'
    const near = misspelt ? await nearestTargets(house, talk.person, cluster, target) : []
    await talk.say(refusal(request, decision, rules, near))
    return
  }
  if ('problem' in found) {
    await talk.say(await targetProblem(house, talk, cluster, target, found))
    return
  }
  const refused = await refusalOf(house, cluster, request, decision)
  if (refused !== undefined) {
    const wayOut = hardenedHint(request.target, facts.node, request.pipeline, refused)
    const message = `The cluster would not take it: ${refused}`
    await talk.say({ kind: 'refused', message, typed, ...(wayOut === undefined ? {} : { wayOut }) })
    return
  }
  if (decision.effect === 'ask') return ask(house, talk, request, decision)
  await enqueue(house, talk, request, decision)
}

function decisionDetails(request: ToolRequest, decision: Decision): Record<string, string> {
  const { effect } = decision
  const how = effect === 'deny' ? { why: decision.reason } : { set: decision.set, grant: decision.grant }
  return { ...requestDetails(request), decision: effect, ...how }
}

/** Why the cluster itself would refuse what the policy allows: PodSecurity, a quota, a webhook. */
async function refusalOf(
  house: House,
  cluster: Cluster,
  request: ToolRequest,
  decision: Decision,
): Promise<string | undefined> {
  if (decision.effect === 'deny' || request.facts.uid === '') return undefined
  const spec = toDebugSpec(request, house.rules().defaults, decision.maxDeadline)
  return cluster.rehearse({ id: request.id, spec })
}

const sessionsMissing =
  'Name the tool to run after the target. Sessions in a web terminal are not part of this version yet.'

/** A target's problem is told only to those who may work on the target. */
function problemOf(found: TargetFacts | TargetProblem, decision: Decision): string | undefined {
  return 'problem' in found && decision.effect !== 'deny' ? found.message : undefined
}

async function targetProblem(house: House, talk: Conversation, cluster: Cluster, target: Target, found: TargetProblem) {
  const near = found.problem === 'missing' ? await nearestTargets(house, talk.person, cluster, target) : []
  const hint = near.length === 0 ? '' : ` Did you mean ${near.join(' or ')}?`
  return { kind: 'refused' as const, message: `${found.message}${hint}`, typed: talk.inbound.text }
}

async function enqueue(
  house: House,
  talk: Conversation,
  request: ToolRequest,
  decision: Extract<Decision, { effect: 'allow' }>,
): Promise<void> {
  const draft: Omit<Run, 'message'> = {
    id: talk.id,
    request,
    spec: toDebugSpec(request, house.rules().defaults, decision.maxDeadline),
    set: decision.set,
    grant: decision.grant,
    state: 'queued',
    queuedAt: request.at,
  }
  // The message stands before the job does: a fast worker would else say "running" before we say "queued".
  const message = await talk.say({ kind: 'queued', run: runCard({ ...draft, message: nowhere(talk) }) })
  const run: Run = house.seal({ ...draft, message })
  await house.audit('queued', run.id, talk.person.id, { spec: house.hash(run.spec) })
  await house.store.addRun(run)
  const answer = await house.queue.add(run)
  if (answer === 'full') {
    await house.store.changeRun(run.id, (saved) => ({ ...saved, state: 'ended', toldAt: request.at }))
    await house.adapters.get(message.platform)?.edit(message, {
      kind: 'refused',
      message: 'The queue is full: too many runs are waiting. Nothing was run; try again in a minute.',
      typed: talk.inbound.text,
    })
    return
  }
  house.count('queued')
}

function nowhere(talk: Conversation): Run['message'] {
  const { platform, team, channel } = talk.inbound.thread
  return { platform, team, channel, message: '' }
}

function fullTarget(typed: TypedTarget, defaultCluster: string): Target {
  return { ...typed, cluster: typed.cluster ?? defaultCluster }
}

type Planned = Exclude<ReturnType<typeof plan>, { verb: 'misunderstood' }>

function toRequest(
  talk: Conversation,
  command: ShellCommand,
  target: Target,
  facts: TargetFacts,
  planned: Planned,
): ToolRequest {
  const { timeout, deadline, reason } = command.flags
  return {
    id: talk.id,
    by: talk.person,
    target,
    facts,
    ...planned,
    ...(timeout === undefined ? {} : { startTimeout: timeout }),
    ...(deadline === undefined ? {} : { deadline }),
    ...(reason === undefined ? {} : { reason }),
    thread: talk.inbound.thread,
    at: talk.inbound.at,
    typed: { text: talk.inbound.text, entities: talk.entities },
  }
}
