import { authorize, coveringSets } from '#core/policy/authorize'
import type { ObjectQuery } from '#core/ports/cluster'
import type { ToolRequest } from '#core/request/request'
import { noNeeds } from '#core/request/tool'
import type { CheckResult } from '#core/triage/check-result'
import { evaluateCheck } from '#core/triage/evaluate'
import { selectsPod } from '#core/triage/facts-of-api-objects'
import type { ApiKind, Check, Playbook } from '#core/triage/playbook'
import type { CommandContext } from '#src/bot/command-context'
import type { BotContext, Rules } from '#src/bot/context'
import { toRequest } from '#src/bot/runs/plan-to-request'
import { decisionDetails } from '#src/bot/shell/admit'
import { noFlags, runsOn, type TriageTarget } from './authorize-checks.ts'
import { dnsQuery, type ObjectReader } from './read-objects.ts'

export type CheckedObjects = {
  results: readonly CheckResult[]
  /** Checks that no set of the person covers, with the sets that would. */
  uncovered: readonly { check: string; sets: readonly string[] }[]
  /** What was read of the API server, and how that ended: `api nodes: read`. */
  read: readonly string[]
}

/**
 * Carries out the checks of the API server's objects, as the person who asks: each kind is a right that a set lists, like a
 * tool. They answer also where nothing can be run on the target.
 */
export async function checkObjects(
  context: BotContext,
  ctx: CommandContext,
  rules: Rules,
  { on, playbooks, read }: { on: TriageTarget; playbooks: readonly Playbook[]; read: ObjectReader },
): Promise<CheckedObjects> {
  const results: CheckResult[] = []
  const uncovered: { check: string; sets: readonly string[] }[] = []
  const done: string[] = []
  for (const playbook of playbooks)
    for (const check of playbook.checks) {
      if (check.api === undefined || !runsOn(playbook, check, on)) continue
      const request = toApiRequest(ctx, on.service?.object ?? on, check.api)
      const decision = authorize(request, rules.policy, request.at)
      if (coveringSets(request, rules.policy, request.at).length === 0) {
        uncovered.push({ check: check.name, sets: decision.effect === 'deny' ? decision.wouldNeed : [decision.set] })
        continue
      }
      await context.audit('decided', ctx.id, ctx.person.id, decisionDetails(request, decision))
      const { result, problem } = await checkOne(context, { playbook, check, api: check.api, on, read })
      results.push(result)
      done.push(`api ${check.api}: ${problem ?? 'read'}`)
    }
  return { results, uncovered, read: done }
}

/** Builds the request for the right to read objects of a kind, which the policy decides on as for a tool. */
function toApiRequest(
  ctx: CommandContext,
  { target, facts }: Pick<TriageTarget, 'target' | 'facts'>,
  kind: ApiKind,
): ToolRequest {
  const argv = ['api', kind]
  const stage = { tool: 'api', given: argv, argv, tools: [`api ${kind}`], special: [], known: true }
  return toRequest(
    ctx,
    noFlags,
    { id: ctx.id, target, facts },
    { pipeline: [stage], needs: noNeeds, destinations: [], added: [] },
  )
}

type OneCheck = { playbook: Playbook; check: Check; api: ApiKind; on: TriageTarget; read: ObjectReader }

async function checkOne(
  context: BotContext,
  { playbook: { name: playbook, for: kind }, check, api, on, read }: OneCheck,
): Promise<{ result: CheckResult; problem?: string }> {
  const service = kind === 'service' ? on.service : undefined
  const query = service === undefined ? queryOf(api, on) : queryOfService(api, service)
  const answer = await read(query)
  if ('problem' in answer) {
    const { problem } = answer
    return { result: { playbook, check: check.name, status: 'unknown', said: problem }, problem }
  }
  const own = answer.objects.filter((object) => concerns(api, object, on))
  const output = {
    argv: ['api', api],
    text: JSON.stringify(own.map(withoutBulk), null, 1),
    exit: 0,
    at: context.now().toISOString(),
  }
  const step = { playbook, facts: on.known }
  return { result: evaluateCheck(check, step, { first: [output], later: [] }, context.checkReaders) }
}

function queryOfService(kind: ApiKind, { namespace, name }: { namespace: string; name: string }): ObjectQuery {
  if (kind === 'nodes' || kind === 'leases') return { kind }
  return kind === 'endpoints' ? { kind, namespace, service: name } : { kind, namespace }
}

function queryOf(kind: ApiKind, { target }: TriageTarget): ObjectQuery {
  const namespace = target.kind === 'pod' ? target.namespace : 'kube-system'
  switch (kind) {
    case 'nodes':
    case 'leases':
      return { kind }
    case 'endpoints':
      return dnsQuery
    default:
      return { kind, namespace }
  }
}

type Metadata = {
  metadata?: { name?: string; managedFields?: unknown }
  spec?: { podSelector?: unknown; nodeName?: unknown }
}

/** Returns true for an object that says something about the target: its node, and policies that select the pod. */
function concerns(kind: ApiKind, object: Metadata, { target, facts }: TriageTarget): boolean {
  if (kind === 'nodes' || kind === 'leases') return object.metadata?.name === facts.node
  if (kind === 'pods') return object.spec?.nodeName === facts.node
  if (kind !== 'policies') return true
  return target.kind === 'pod' && selectsPod(object.spec?.podSelector, facts.labels)
}

/** Returns an object without the list of who wrote which of its fields. */
function withoutBulk(object: Metadata): object {
  const { managedFields: _fields, ...metadata } = object.metadata ?? {}
  return { ...object, metadata }
}
