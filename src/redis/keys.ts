import type { KeyPurpose } from './derived-key.ts'

/** A kind of key in Redis: what an attacker who writes to it can and can't do depends on who signs it. */
export type KeyFamily = {
  /** The key after the prefix and its colon. */
  pattern: RegExp
  type: 'string' | 'hash' | 'set' | 'zset' | 'stream' | 'list'
  /** How long the key exists. */
  lifetime: string
  /** Purpose of the key that signs its values; `nothing` where a changed value can only delay or hide something. */
  signedBy: KeyPurpose | 'nothing'
  holds: string
}

const family = (
  pattern: RegExp,
  type: KeyFamily['type'],
  lifetime: string,
  signedBy: KeyFamily['signedBy'],
  holds: string,
): KeyFamily => ({ pattern, type, lifetime, signedBy, holds })

/** Every key that the program writes. A key of no family fails the test of stored state. */
export const keyFamilies: readonly KeyFamily[] = [
  family(/^run:[a-z0-9-]+$/s, 'string', '7 days', 'runs', 'a run with its approval, state and ending'),
  family(/^runs-of:.+$/s, 'zset', '7 days', 'nothing', 'ids of a person’s newest runs'),
  family(/^open-runs$/s, 'set', 'none', 'nothing', 'ids of runs that have not ended, or whose result is not delivered'),
  family(
    /^transcript:\{[a-z0-9-]+\}:\d+$/s,
    'string',
    '7 days',
    'transcripts',
    'output; its hash is in the checkpoint',
  ),
  family(/^transcript:\{[a-z0-9-]+\}:state$/s, 'hash', '7 days', 'transcripts', 'checkpoint of an output'),
  family(/^value:.+$/s, 'string', 'per value', 'values', 'a signed value of one kind'),
  family(/^values:.+$/s, 'hash', 'per value', 'values', 'signed values of one kind, by field'),
  family(/^kept:passkeys:.+$/s, 'string', 'none', 'values', 'passkeys that an earlier version stored'),
  family(/^kept:.+$/s, 'string', '7 days', 'nothing', 'other values of an earlier version, which nothing reads'),
  family(/^claim:.+$/s, 'string', 'seconds to a day', 'nothing', 'locks, and ids of commands that were received'),
  family(/^count:.+$/s, 'string', 'a minute', 'nothing', 'counters of rate limits'),
  family(/^commands$/s, 'set', 'none', 'nothing', 'ids of accepted commands'),
  family(/^command:[a-z0-9-]+$/s, 'hash', 'a day', 'commands', 'an accepted command and its saved steps'),
  family(/^command-lease:[a-z0-9-]+$/s, 'string', 'seconds', 'nothing', 'lease of a command'),
  family(/^session:.+$/s, 'string', 'idle timeout', 'sessions', 'a warm container'),
  family(/^sessions$/s, 'set', 'none', 'nothing', 'keys of sessions'),
  family(/^sessions-ending$/s, 'hash', 'none', 'sessions', 'sessions that are to be ended'),
  family(
    /^recording:\{[a-z0-9-]+\}:state$/s,
    'hash',
    'retention of its set',
    'recordings',
    'where a recording is, and its encrypted key',
  ),
  family(
    /^recording:\{[a-z0-9-]+\}:events$/s,
    'list',
    'retention of its set',
    'recordings',
    'encrypted events that are in no segment yet; the checkpoint has their hash',
  ),
  family(/^artifact:.+$/s, 'hash', 'its own', 'artifacts', 'a file, such as a segment of a recording, encrypted'),
  family(/^artifacts$/s, 'zset', 'the longest artifact', 'nothing', 'names of artifacts, by their end'),
  family(/^artifact-sizes$/s, 'hash', 'the longest artifact', 'nothing', 'bytes of each artifact'),
  family(/^artifact-bytes$/s, 'string', 'the longest artifact', 'nothing', 'bytes of all artifacts'),
  family(/^audit$/s, 'stream', 'none', 'audit', 'audit records, each with a keyed hash'),
  family(/^audit-head$/s, 'string', 'none', 'audit', 'signed head of the audit chain'),
  family(/^audit-last:[a-z0-9-]+$/s, 'string', '7 days', 'nothing', 'id of a process’ last batch of audit records'),
  family(/^cancel:[a-z0-9-]+$/s, 'string', 'a day', 'values', 'a cancellation'),
  family(/^installation$/s, 'string', 'none', 'values', 'id of the installation'),
  family(/^events:.+$/s, 'stream', 'none', 'events', 'messages of the web chat and the console'),
  family(/^slots:.+$/s, 'zset', 'none', 'nothing', 'occupied slots of a node or cluster'),
  family(/^slots-line:.+$/s, 'zset', 'none', 'nothing', 'runs that wait for a slot'),
  family(/^slots-lines$/s, 'set', 'none', 'nothing', 'slots for which runs wait'),
  family(/^slots-counter$/s, 'string', 'none', 'nothing', 'running number of waiting runs'),
  family(/^retina-runs:.+$/s, 'hash', 'BullMQ’s', 'nothing', 'BullMQ’s job queue: ids of runs and where they run'),
]

/** Returns the family of a key without its prefix; undefined where no part of the program owns such a key. */
export function familyOf(key: string): KeyFamily | undefined {
  return keyFamilies.find(({ pattern }) => pattern.test(key))
}
