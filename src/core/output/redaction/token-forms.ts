import type { SecretKind, SecretSpan } from './secret-span.ts'

/** Form of a secret: what it is, its expression, and a text without which it isn't looked for. */
export type SecretForm = readonly [kind: SecretKind, pattern: RegExp, part?: string]

/** Forms of tokens, each one long word, that show by themselves what they are. Group 1, if any, is the unchanged text before the secret. Each takes linear time. */
const wordForms: readonly SecretForm[] = [
  // Clouds.
  ['cloud key', /(?<![A-Za-z0-9])(?:A3T[A-Z0-9]|AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}(?![A-Za-z0-9])/g],
  [
    'cloud key',
    /(?<![A-Za-z0-9])(?:ABSK[\w+/=-]{80,}|amzn\.mws\.[\w-]{30,}|(?:IQoJb3JpZ2luX2|FwoGZXIvYXdzE)[\w+/=-]{60,})/g,
  ],
  [
    'cloud key',
    /(?<![A-Za-z0-9])(?:LTAI[A-Za-z0-9]{12,30}|AKID[A-Za-z0-9]{13,40}|AQVN[\w-]{30,}|t1\.[A-Z][\w-]{60,})/g,
  ],
  [
    'cloud key',
    /(?<![A-Za-z0-9])(?:AIza[\w-]{35}|GOCSPX-[\w-]{20,}|ya29\.[\w.-]{20,}|1\/\/0[\w-]{30,}|AAAA[\w-]{7}:APA91b[\w-]{80,})/g,
  ],
  ['cloud key', /[\w~.-]{3}\dQ~[\w~.-]{31,40}/g],
  [
    'cloud key',
    /(?<![A-Za-z0-9])(?:do[opr]_v1_[0-9a-f]{40,}|v1\.0-[0-9a-f]{24}-[0-9a-f]{100,}|cf[a-z]{1,2}_[A-Za-z0-9]{40,}|HRKU-[\w-]{30,}|nfp_[A-Za-z0-9]{30,}|rnd_[A-Za-z0-9]{20,}|fo1_[\w-]{30,}|fm[12][ar]?_[\w+/=,-]{60,}|vc[pkr]_[\w-]{20,})/g,
  ],
  // Kubernetes, registries, source code.
  [
    'token',
    /(?<![A-Za-z0-9])(?:sha256~[\w-]{40,}|(?:token|kubeconfig-[\w-]{1,60}):[a-z0-9]{50,}|token-[a-z0-9]{4,8}:[a-z0-9]{50,}|K10[0-9a-f]{40,}(?:::[\w-]{1,40}:[\w-]{8,})?|SWM(?:TKN|KEY)-1-[\w-]{20,})/g,
  ],
  [
    'token',
    /(?<![A-Za-z0-9])(?:gh[opsur]_\w{30,}|github_pat_\w{22,}|gl(?:pat|rt|rtr|dt|ft|cbt|soat|agent|ptt|imt|ffct|oas|wt)-[\w-]{16,}(?:\.\w{2,})*|GR1348941[\w-]{16,}|ATBB[A-Za-z0-9]{24,}|AT(?:ATT|CTT)3[\w=+/-]{60,})/g,
  ],
  [
    'token',
    /(?<![A-Za-z0-9])(?:npm_[A-Za-z0-9]{30,}|pypi-AgE[\w-]{40,}|rubygems_[0-9a-f]{40,}|cio[A-Za-z0-9]{32}(?![A-Za-z0-9])|oy2[a-z0-9]{43}(?![A-Za-z0-9])|AKCp[A-Za-z0-9]{60,}|cmVmd[A-Za-z0-9]{55,}|dckr_[a-z]{2,5}_[\w-]{20,}|CCIP(?:AT|RJ)_\w{20,}|bk[a-z]{2}_[A-Za-z0-9]{30,}|sq[upa]_[0-9a-f]{40}|sgp_\w{40,})/g,
  ],
  // Chats, mail, payment.
  [
    'token',
    /(?<![A-Za-z0-9])(?:xox[a-z](?:\.xox[a-z])?-[\w+/=-]{10,}|xapp-[\w-]{20,}|SG\.[\w-]{16,}\.[\w-]{30,}|key-[0-9a-z]{32}(?![A-Za-z0-9])|xkeysib-[\w-]{60,}|xsmtpsib-[\w-]{60,}|re_[A-Za-z0-9]{6,}_[A-Za-z0-9]{16,}|S[KC][0-9a-f]{32}(?![A-Za-z0-9]))/g,
  ],
  ['token', /(?<![\w.-])(?:1\/\d{10,20}:[0-9a-f]{32}|[MNO][A-Za-z0-9_-]{22,28}\.[\w-]{6,7}\.[\w-]{27,40}(?![\w-]))/g],
  [
    'token',
    /(?<![A-Za-z0-9])(?:[sr]k_(?:live|test|prod)_[A-Za-z0-9]{10,}|whsec_[\w+/=-]{20,}|(?:sandbox-)?sq0[a-z]{3}-[\w-]{20,}|EAAA[\w-]{50,}|access_token\$\w{4,12}\$[a-z0-9]{10,}\$[0-9a-f]{32}|shp[a-z]{2}_[0-9a-fA-F]{32}|access-(?:sandbox|development|production)-[0-9a-f-]{36}|EZ[AT]K[A-Za-z0-9]{50,}|shippo_\w{4}_[0-9a-f]{40}|duffel_\w{4}_[\w-]{40,}|rzp_(?:live|test)_\w{14,}|FLWSECK\w{0,5}-[\w-]{12,})/g,
  ],
  // Services for programs.
  [
    'token',
    /(?<![A-Za-z0-9])(?:sk-[\w-]{24,}|hf_[A-Za-z]{30,}|api_org_[A-Za-z]{30,}|pplx-[\w-]{30,}|gsk_\w{40,}|xai-\w{60,}|r8_\w{30,}|sk_[0-9a-f]{40,}|nvapi-[\w-]{50,}|pcsk_\w{40,}|lsv2_\w{40,}|jina_\w{40,}|fw_\w{20,}|tvly-[\w-]{20,}|AIzaSy[\w-]{33})/g,
  ],
  [
    'token',
    /(?<![A-Za-z0-9])(?:ntn_[A-Za-z0-9]{30,}|secret_[A-Za-z0-9]{40,}|fig[dpo]r?_[\w-]{30,}|PMAK-[\w-]{40,}|pat[A-Za-z0-9]{14}\.[0-9a-f]{64}|lin_(?:api|oauth)_\w{30,}|pk_\d{6,10}_[A-Z0-9]{32}|tfp_[\w-]{30,}|sl\.[\w-]{100,}|pat-(?:na|eu|ap)\d-[0-9a-f-]{36}|00D[A-Za-z0-9]{12,15}![\w.]{60,}|CFPAT-[\w-]{40,}|sk\.eyJ[\w.-]{40,}|EAA[A-Za-z0-9]{80,})/g,
  ],
  [
    'token',
    /(?<![A-Za-z0-9])(?:dapi[0-9a-f]{32}|pscale_\w{2,6}_[\w.=-]{30,}|sbp_[0-9a-f]{40}|glsa_\w{32}_\w{8}|glc_[\w+/=]{32,}|eyJrIjoi[\w+/=]{40,}|NR[A-Z]{2}-[\w-]{19,}|sntry[a-z]_[\w+/=-]{40,}|hc[a-z]{2,3}_\w{40,}|dt0[a-z]\d\d\.\w{20,}\.\w{50,}|rootly_[0-9a-f]{64}|(?:sdk|mob|api)-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|ph[xsr]_\w{40,}|rdme_\w{60,})/g,
  ],
  // Keepers of secrets, networks, infrastructure.
  [
    'token',
    /(?<![\w.-])(?:hv[sbr]\.[\w-]{20,}|[sbr]\.[A-Za-z0-9]{24}(?![\w-])|dp\.[a-z]{2,5}\.[\w.-]{30,}|st\.[0-9a-f]{24}\.[0-9a-f]{32}\.[0-9a-f]{32}|(?:pat|sat)\.[\w-]{20,24}\.\w{24}\.\w{20})/g,
  ],
  [
    'token',
    /(?<![A-Za-z0-9])(?:pul-[0-9a-f]{40}|ops_[\w+/=]{60,}|A3-[A-Z0-9]{6}(?:-[A-Z0-9]{5,11}){4,5}|AGE-SECRET-KEY-1[A-Z0-9]{40,}|tskey-[\w-]{20,}|API-[A-Z0-9]{25,40}(?![\w-])|pnu_\w{30,}|2[A-Za-z0-9]{26}_[A-Za-z0-9]{18,24}(?![\w-])|infracost_\w{20,}|ico-\w{30,}|sm_[aps]at_\w{16,}|u-s4t2\w{2}-[0-9a-f]{64}|s-s4t2\w{2}-[0-9a-f]{64})/g,
  ],
  ['key', /(?<![A-Za-z0-9])[xyzt]prv[A-Za-z0-9]{100,112}/g],
  // Addresses that are secrets.
  [
    'token',
    /(hooks\.slack\.com\/(?:services|workflows|triggers)\/[\w/-]{1,80}\/)(?=\d{0,30}[A-Za-z])[A-Za-z0-9]{16,}/g,
  ],
  [
    'token',
    /(discord(?:app)?\.com\/api\/webhooks\/\d{10,25}\/)[\w-]{30,}|(webhook(?:\.office)?\.[\w.]{2,40}\/webhookb?2?\/[\w@-]{10,100}\/IncomingWebhook\/)[\w/-]{20,}|(api\.telegram\.org\/(?:file\/)?bot)\d{6,12}:[\w-]{30,}|(hooks\.zapier\.com\/hooks\/catch\/)[\w/]{10,}|(\/hooks\/)[a-z0-9]{26}(?![\w-])|(hc-ping\.com\/)[\w-]{20,}|(ifttt\.com\/trigger\/[\w-]{1,60}\/(?:json\/)?with\/key\/)[\w-]{20,}/g,
  ],
]

/** Forms with signs that words don't have. */
const textForms: readonly SecretForm[] = [
  // The secret of a cloud's key, beside its id.
  [
    'cloud key',
    /((?<![A-Za-z0-9])(?:AKIA|ASIA|LTAI|AKID)[A-Za-z0-9]{12,36}["']?[ \t]{0,4}[,:;| \t]["']?[ \t]{0,4})[A-Za-z0-9+/]{30,64}(?![\w+/])/g,
  ],
  // Hashes of passwords.
  [
    'password hash',
    /\$(?:1|2[abxy]?|5|6|7|y|gy|apr1|sha1|md5|P|H|S|argon2(?:id|i|d)|scrypt|pbkdf2(?:-sha\d{1,3})?)\$[\w./$,=+-]{8,}/g,
  ],
  [
    'password hash',
    /\{(?:S?SHA(?:\d{3})?|S?MD5|CRYPT|PBKDF2[\w-]{0,10}|ARGON2\w{0,2}|BCRYPT|PLAIN|CLEAR(?:TEXT)?)\}[^\s"'<>]{8,}/gi,
  ],
  [
    'password hash',
    /((?:SCRAM-SHA-\d{1,3}|pbkdf2_sha\d{1,3}|pbkdf2:sha\d{1,3}|scrypt)(?::\d{1,8}){0,3}\$(?:\d{1,8}[$:])?)[\w+/=$:.-]{20,}/g,
  ],
  ['password hash', /(?<![\w*])\*[0-9A-F]{40}(?![0-9A-Za-z])|(?<=['"])md5[0-9a-f]{32}(?=['"])/g],
]

/** Finds the forms of tokens that are one word each; `words`: long words, a line each. */
export function findTokens(words: string): SecretSpan[] {
  return [...findByForms(words, wordForms), ...findByRest(words)]
}

/** Finds secrets by forms that have more signs than words have. */
export function findFormsInText(text: string): SecretSpan[] {
  return [...findByForms(text, textForms), ...findJwts(text)]
}

/** Finds what patterns match, except for the text of their groups, which stands before the secret. `isNone`: values that are none. */
export function findByForms(
  text: string,
  patterns: readonly SecretForm[],
  isNone: (value: string) => boolean = () => false,
): SecretSpan[] {
  const spans: SecretSpan[] = []
  for (const [kind, pattern, part] of patterns) {
    if (part !== undefined && !text.includes(part)) continue
    pattern.lastIndex = 0
    for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
      const before = match.slice(1).find((group) => group !== undefined)?.length ?? 0
      if (isNone(match[0].slice(before))) continue
      spans.push({ start: match.index + before, end: match.index + match[0].length, kind })
    }
  }
  return spans
}

/** Tokens that begin with anything, found by what follows: their rest, and the text before it. */
const restForms: readonly { rest: RegExp; before: RegExp }[] = [
  // Terraform, Telegram, and bootstrap tokens of Kubernetes, which resemble names of hosts.
  { rest: /\.atlasv1\.[\w=-]{50,}/g, before: /[A-Za-z0-9]{14}$/ },
  { rest: /:AA[\w-]{32,36}(?![\w-])/g, before: /\d{8,12}$/ },
  { rest: /\.(?=[a-z]{0,15}\d)(?=\d{0,15}[a-z])[a-z0-9]{16}(?![\w.-])/g, before: /(?<![\w.-])[a-z0-9]{6}$/ },
]

function findByRest(text: string): SecretSpan[] {
  return restForms.flatMap(({ rest, before }) =>
    [...text.matchAll(rest)].flatMap(({ 0: found, index }) => {
      const start = before.exec(text.slice(Math.max(0, index - 14), index))?.[0].length
      return start === undefined
        ? []
        : [{ start: index - start, end: index + found.length, kind: 'token' } satisfies SecretSpan]
    }),
  )
}

const jwtPart = /[\w-]*/y

/** Finds JSON web tokens, signed (three parts) or encrypted (five). */
function findJwts(text: string): SecretSpan[] {
  const spans: SecretSpan[] = []
  for (let at = text.indexOf('eyJ'); at !== -1; ) {
    const ends = partEnds(text, at)
    const [first = at, second = at] = ends
    // Each run of letters is read once: a token begins at the beginning of one.
    const isToken =
      !/\w/.test(text.charAt(at - 1)) &&
      ends.length >= 3 &&
      first - at >= 12 &&
      (second - first >= 9 || ends.length >= 5)
    const end = isToken ? (ends.at(-1) ?? first) : first
    if (isToken) spans.push({ start: at, end, kind: 'token' })
    at = text.indexOf('eyJ', end)
  }
  return spans
}

/** Returns the ends of the parts, separated by dots, of which a token that begins here would consist. */
function partEnds(text: string, start: number): number[] {
  const ends: number[] = []
  for (let at = start; ends.length < 5; at += 1) {
    jwtPart.lastIndex = at
    jwtPart.exec(text)
    at = jwtPart.lastIndex
    ends.push(at)
    if (text.charAt(at) !== '.') break
  }
  return ends
}
