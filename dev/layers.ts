import { type Platform, platformNames, platforms } from '#core/people/platforms'

/** A folder of code, the other folders and the packages (`node:*`: any built-in module) that its files may import, and its description. */
export type Layer = { folder: string; what: string; may: readonly string[]; vendors: readonly string[] }

const anything = ['*']
const node = ['node:*']
/** Types and pure rules, and the borders that others implement. */
const core = ['src/core', 'src/core/ports']

/** What a chat's adapter is, where its name doesn't say it, and the packages that it imports; by default, `node:crypto` alone. */
const adapterFacts: Partial<Record<Platform, Partial<Pick<Layer, 'what' | 'vendors'>>>> = {
  slack: { vendors: ['node:querystring', '@slack/bolt', '@slack/types', '@slack/web-api', 'undici', 'zod'] },
  teams: { what: 'Microsoft Teams', vendors: ['botbuilder', 'botframework-connector', 'zod'] },
  web: { vendors: ['node:crypto', 'node:fs', 'node:http'] },
  console: { what: 'the terminal' },
}

/** One layer for each chat platform. */
const adapterLayers = platformNames.map(
  (name): Layer => ({
    folder: `adapters/${name}`,
    what: adapterFacts[name]?.what ?? platforms[name].name,
    may: ['adapters/common', ...core, 'src/http'],
    vendors: adapterFacts[name]?.vendors ?? ['node:crypto'],
  }),
)

/**
 * Every folder that has code, from the top down; imports point downwards. Folders and packages that aren't listed are refused. Each package
 * is imported by as few folders as possible; folders for developers come in addition.
 */
export const layers: readonly Layer[] = [
  {
    folder: 'src/cli',
    what: 'subcommands',
    may: ['src/app', 'src/config', 'src/command', 'src/playbooks', ...core, 'src/tools', 'src/yaml'],
    vendors: [...node, 'yaml', 'zod'],
  },
  {
    folder: 'src/app',
    what: 'composition root',
    may: anything,
    vendors: [
      ...node,
      ...['pino', 'prom-client', '@opentelemetry/api', '@opentelemetry/exporter-trace-otlp-http'],
      ...['@opentelemetry/resources', '@opentelemetry/sdk-trace'],
    ],
  },
  {
    folder: 'src/bot',
    what: 'from an accepted command to the queue',
    may: ['src/lifecycle', 'src/command', ...core],
    vendors: ['node:crypto', 'fastest-levenshtein'],
  },
  {
    folder: 'src/worker',
    what: 'from the queue to the result',
    may: ['src/lifecycle', 'src/command', ...core],
    vendors: ['node:crypto'],
  },
  {
    folder: 'src/terminal',
    what: 'interactive sessions between browsers and shells, and their recordings',
    may: ['src/lifecycle', ...core],
    vendors: ['node:crypto', 'node:http', 'node:stream', 'ws'],
  },
  {
    folder: 'src/web',
    what: 'pages sent to browsers',
    may: ['src/lifecycle', ...core, 'src/http'],
    vendors: ['node:crypto', 'node:fs', 'node:http', 'node:module', 'node:url', '@simplewebauthn/server'],
  },
  {
    folder: 'src/config',
    what: 'retina.yaml',
    may: ['src/core', 'src/tools', 'src/yaml'],
    vendors: ['node:fs', 'yaml', 'zod', 'fastest-levenshtein'],
  },
  {
    folder: 'src/playbooks',
    what: 'checks of triage',
    may: ['src/core', 'src/yaml'],
    vendors: ['node:fs', 'node:path', 'zod', 'fastest-levenshtein'],
  },
  { folder: 'src/command', what: 'typed text to a plan', may: ['src/core'], vendors: ['fastest-levenshtein'] },
  { folder: 'src/tools', what: 'one file a tool', may: ['src/core'], vendors: [] },
  { folder: 'src/lifecycle', what: 'what bot and worker both do with a run', may: core, vendors: ['node:crypto'] },
  { folder: 'src/http', what: 'HTTP servers with limits', may: core, vendors: ['node:http', 'node:stream'] },
  { folder: 'src/yaml', what: 'YAML with positions', may: ['src/core'], vendors: ['yaml'] },
  {
    folder: 'src/kubernetes',
    what: 'the cluster',
    may: core,
    vendors: ['node:crypto', 'node:net', 'node:stream/promises', 'node:stream', '@kubernetes/client-node', 'ws'],
  },
  {
    folder: 'src/redis',
    what: 'Redis and BullMQ',
    may: core,
    vendors: ['node:crypto', 'node:fs', 'node:string_decoder', 'bullmq', 'ioredis'],
  },
  { folder: 'src/registry', what: 'image registries', may: core, vendors: [...node, 'zod'] },
  { folder: 'src/identity', what: 'people of chats and of Entra', may: core, vendors: ['zod'] },
  {
    folder: 'src/charts',
    what: 'charts as PNG',
    may: ['src/core'],
    vendors: ['node:module', 'echarts', '@resvg/resvg-js'],
  },
  { folder: 'adapters/common', what: 'what chat adapters share', may: core, vendors: [] },
  ...adapterLayers,
  {
    folder: 'src/core/ports',
    what: 'one file for each border',
    may: ['src/core'],
    vendors: [],
  },
  { folder: 'src/core', what: 'types and pure rules', may: [], vendors: ['ipaddr.js', 're2js', 'node:url'] },
  { folder: 'shell-image', what: 'the image that runs in the cluster', may: ['dev', 'src/core'], vendors: node },
  {
    folder: 'dev',
    what: 'development cluster, demo, checks',
    may: ['src/core', 'src/config', 'src/playbooks', 'shell-image'],
    vendors: [...node, 'yaml', 'zod', 'playwright-core', '@swc/core', 'recheck'],
  },
  { folder: 'test', what: 'tests', may: anything, vendors: anything },
]
