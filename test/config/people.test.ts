import { expect, test } from '@jest/globals'
import { knownNames } from '#src/app/policy-file'
import { parseConfig, remarkText } from '#src/config/load'

const names = knownNames()
const good = `clusters: [{ name: dev }]
shell: { image: { repo: a.io/shell, version: v1 } }
`

function mistakes(text: string): string[] {
  const loaded = parseConfig(text, {}, names)
  return 'mistakes' in loaded ? loaded.mistakes.map((each) => remarkText('f', each)) : []
}

const tenant = '9b1f6c1e-0000-4000-8000-000000000001'
const entraOf = (change = '') => `directory: { entra: { tenant: ${tenant}, clientId: ${tenant}${change} } }`

test('people: linked accounts, outsiders, and Entra, whose secret comes from the environment', () => {
  const people = `directory: { people: { dana@partner.example: ['slack:user/T1/U1'] }, outsiders: ['slack:user/T1/U1'] }`
  expect(parseConfig(`${good}${people}`, {}, names)).toMatchObject({
    config: {
      directory: { people: { 'dana@partner.example': ['slack:user/T1/U1'] }, outsiders: ['slack:user/T1/U1'] },
    },
  })
  const graph = ", graphUrl: 'https://graph.microsoft.us/'"
  expect(parseConfig(`${good}${entraOf(graph)}`, { ENTRA_CLIENT_SECRET: 's' }, names)).toMatchObject({
    config: {
      directory: {
        entra: {
          tenants: [],
          address: 'userPrincipalName',
          loginUrl: 'https://login.microsoftonline.com',
          graphUrl: 'https://graph.microsoft.us',
        },
      },
      secrets: { entraClientSecret: 's' },
    },
  })
})

test.each<[string, RegExp]>([
  ["directory: { outsiders: ['guest@example.com'] }", /is not a valid account; use slack:user\/TEAM\/USER/],
  ["directory: { outsiders: ['*'] }", /is not a valid account/],
  ["directory: { outsiders: ['slack:usergroup/S1'] }", /is not a valid account/],
  ["directory: { people: { alice: ['slack:user/T1/U1'] } }", /^f:3:\d+: "alice" is not an e-mail address/],
  [
    "directory: { people: { a@example.com: ['slack:user/T1/U1'], b@example.com: ['slack:user/t1/u1'] } }",
    /^f:3:\d+: "slack:user\/t1\/u1" already belongs to a@example\.com/,
  ],
  [entraOf(', clientSecret: x'), /"clientSecret": secrets are read only from the environment/],
  [entraOf(", loginUrl: 'http://login.evil.example'"), /the URL must begin with https:/],
  [entraOf(", graphUrl: 'http://127.0.0.1.evil.example'"), /the URL must begin with https:/],
  [entraOf(', tenants: [partner.example]'), /must be a GUID, as Entra shows it/],
])('a mistake in the people section is reported: %s', (text, message) => {
  expect(mistakes(`${good}${text}\n`).join('\n')).toMatch(message)
})

test('a Teams adapter needs Entra, which identifies its people', () => {
  const id = '00000000-0000-4000-8000-000000000009'
  expect(mistakes(`${good}teams: { appId: ${id}, tenant: ${id} }`)).toEqual([
    expect.stringMatching(/^f:3:\d+: Teams needs directory\.entra/),
  ])
  expect(mistakes(`${good}teams: { appId: retina, tenant: ${id} }`)).toEqual([
    expect.stringMatching(/^f:3:\d+: .*must be a GUID, as Entra shows it/),
  ])
  expect(mistakes(`${good}teams: { appId: ${id}, tenant: ${id}, loginUrl: 'http://evil.example' }`)).toEqual(
    expect.arrayContaining([expect.stringMatching(/the URL must begin with https/)]),
  )
})
