import { dig } from './row.ts'
import { bob, html, inChannel, inChat, inPersonal, mentioned, span, type TeamsRow } from './teams-payloads.ts'

const undocumented = 'MicrosoftDocs/msteams-docs#3960'
const formats = 'learn.microsoft.com/microsoftteams/platform/bots/how-to/format-your-bot-messages'
const safelinks = 'Cimbali/safelinks-cleanup'
const codeBlocks =
  'microsoftgraph/msgraph-sdk-javascript#1995, and public source code that has schema.skype.com/CodeBlockEditor'
const quote = (type: string, content: string) =>
  `<blockquote itemscope itemtype="http://schema.skype.com/${type}" itemid="1700000000000"><strong itemprop="mri" itemid="8:orgid:bob">Bob</strong><span itemprop="time" itemid="1700000000000"></span>${content}</blockquote>`

/** Messages of Teams with their HTML, as an attachment. */
export const teamsHtmlRows: readonly TeamsRow[] = [
  inChannel('text and HTML', undocumented, dig, {
    text: `<at>retina</at> ${dig}`,
    attachments: html(`<div><div>${span('retina')}&nbsp;${dig}</div></div>`),
  }),
  inChannel('HTML and no text', 'openclaw/openclaw#142496', dig, {
    text: '',
    attachments: html(`<div>\r\n<div itemprop="copy-paste-block">${span('retina')} ${dig}</div>\n</div>`),
  }),
  inChannel('HTML and a text that is missing', 'openclaw/openclaw#142496', dig, {
    text: undefined,
    attachments: html(`<p>${span('retina')}&nbsp;${dig}</p>`),
  }),
  inChannel('HTML and a text that is null', 'openclaw/openclaw#142496', dig, {
    text: null,
    attachments: html(`<p>${span('retina')}&nbsp;${dig}</p>`),
  }),
  inChannel(
    'the mention of the newer clients',
    'public source code that has readonly class="skipProofing" of Teams clients',
    dig,
    {
      text: `<at>retina</at> ${dig}`,
      attachments: html(
        `<p><readonly class="skipProofing" itemtype="http://schema.skype.com/Mention" contenteditable="false" spellcheck="false">${span('retina')}</readonly>&nbsp;${dig}</p>`,
      ),
    },
  ),
  inChannel('the mention as in Microsoft Graph', 'learn.microsoft.com/graph/api/resources/chatmessage', dig, {
    text: '',
    attachments: html(`<div><div><at id="0">retina</at>&nbsp;${dig}</div></div>`),
  }),
  inChannel('a colleague’s mention first', 'amplifthq/opentag#43', dig, {
    text: '',
    entities: [bob, mentioned()],
    attachments: html(`<p>${span('Bob')} ${span('retina', 1)} ${dig}</p>`),
  }),
  inChannel('a mention at the end', 'microsoft/botbuilder-js#2083', dig, {
    text: '',
    attachments: html(`<p>${dig} ${span('retina')}</p>`),
  }),
  inChannel('a mention and a colon', 'ekonda/kutana#59', dig, {
    text: '',
    attachments: html(`<p>${span('retina')}:&nbsp;${dig}</p>`),
  }),
  inChannel('a mention on a line of its own', undocumented, dig, {
    text: '',
    attachments: html(`<p>${span('retina')}</p><p>${dig}</p>`),
  }),
  inPersonal(
    'entities of every kind',
    'openclaw/openclaw#142496',
    "shell node001 echo 'a&b <c> \"d\" '\\''e'\\'' f+g'",
    { text: '', attachments: html("<p>shell node001 echo 'a&amp;b &lt;c&gt; &quot;d&quot; '\\''e'\\'' f&#43;g'</p>") },
  ),
  inPersonal('an entity that was typed', 'openclaw/openclaw#96342', "shell node001 echo '&lt;APIKEY&gt;'", {
    text: '',
    attachments: html("<p>shell node001 echo '&amp;lt;APIKEY&amp;gt;'</p>"),
  }),
  inPersonal('an entity that does not exist', 'paperclipai/paperclip#1255', "shell node001 echo '&#x110000;&nosuch;'", {
    text: '',
    attachments: html("<p>shell node001 echo '&#x110000;&nosuch;'</p>"),
  }),
  inPersonal('angle brackets that were typed', undocumented, "shell node001 grep '<none>' /etc/hosts", {
    text: "shell node001 grep '<none>' /etc/hosts",
    attachments: html("<p>shell node001 grep '&lt;none&gt;' /etc/hosts</p>"),
  }),
  inPersonal('bold', formats, dig, { text: dig, attachments: html(`<p><strong>${dig}</strong></p>`) }),
  inPersonal('a bold verb', formats, dig, {
    text: '',
    attachments: html('<p><b>shell</b> node001 <i>dig</i> x.example</p>'),
  }),
  inPersonal('a font', formats, dig, {
    text: '',
    attachments: html(`<div style="font-size:14px"><span style="color:rgb(36,36,36)">${dig}</span></div>`),
  }),
  inPersonal('line breaks around it', undocumented, dig, {
    text: '',
    attachments: html(`<p><br>${dig}<br/>&nbsp;</p>`),
  }),
  inPersonal('several spaces', undocumented, "shell node001 echo 'a   b'", {
    text: '',
    attachments: html("<p>shell node001 echo 'a &nbsp; b'</p>"),
  }),
  inPersonal('a source that is wrapped', undocumented, dig, {
    text: '',
    attachments: html('<p>shell node001\n  dig\n  x.example</p>'),
  }),
  inPersonal('an item of a list', formats, dig, { text: '', attachments: html(`<ul><li>${dig}</li></ul>`) }),
  inPersonal('two items of a list', formats, '(shell-syntax)', {
    text: '',
    attachments: html(`<ol><li>${dig}</li><li>nodes</li></ol>`),
  }),
  inPersonal('two paragraphs', formats, '(shell-syntax)', {
    text: '',
    attachments: html(`<p>${dig}</p><p>thanks!</p>`),
  }),
  inPersonal('preformatted', formats, dig, { text: '', attachments: html(`<pre>${dig}</pre>`) }),
  inPersonal('a code block', 'microsoftgraph/msgraph-sdk-javascript#1995', dig, {
    text: '',
    attachments: html(`<codeblock class="Bash"><code>${dig}</code></codeblock><p>&nbsp;</p>`),
  }),
  inChannel('a code block behind the mention', 'microsoftgraph/msgraph-sdk-javascript#1995', dig, {
    text: '<at>retina</at>',
    attachments: html(`<p>${span('retina')}&nbsp;</p><codeblock class="Bash"><code>${dig}</code></codeblock>`),
  }),
  inPersonal('a code block with a prompt', formats, dig, {
    text: '',
    attachments: html(`<pre class="language-bash"><code>$ kubectl retina ${dig}\n</code></pre>`),
  }),
  inPersonal('a code block with spaces', formats, "shell node001 echo 'a  b'", {
    text: '',
    attachments: html("<pre><code>shell node001 echo 'a  b'</code></pre>"),
  }),
  inPersonal('code', formats, dig, { text: '', attachments: html(`<p><code>${dig}</code></p>`) }),
  inPersonal('code inside a command', formats, dig, {
    text: '',
    attachments: html('<p>shell node001 dig <code>x.example</code></p>'),
  }),
  inPersonal('a command that a shell would replace', formats, '(shell-syntax)', {
    text: '',
    attachments: html('<p>shell node001 dig <code>id -u</code></p>'),
  }),
  inPersonal('a name that became a link', undocumented, dig, {
    text: dig,
    attachments: html(
      '<p>shell node001 dig <a href="http://x.example" rel="noreferrer noopener" title="http://x.example/" target="_blank">x.example</a></p>',
    ),
  }),
  inPersonal('an address with a query', undocumented, "shell node001 curl 'http://x.example/?a=1&b=2'", {
    text: '',
    attachments: html(
      '<p>shell node001 curl \'<a href="http://x.example/?a=1&amp;b=2">http://x.example/?a=1&amp;b=2</a>\'</p>',
    ),
  }),
  inPersonal('an address behind another name', undocumented, 'shell node001 curl http://evil.example/', {
    text: '',
    attachments: html('<p>shell node001 curl <a href="http://evil.example/">x.example</a></p>'),
  }),
  inPersonal('a link that was made safe', safelinks, 'shell node001 curl http://x.example/a', {
    text: '',
    attachments: html(
      '<p>shell node001 curl <a href="https://eur01.safelinks.protection.outlook.com/?url=http%3A%2F%2Fx.example%2Fa&amp;data=05%7C01">http://x.example/a</a></p>',
    ),
  }),
  inPersonal('digits that a phone linked', 'fplbot/fplbot#320', 'shell node001 nc -zv 10.0.64.43 3306', {
    text: '',
    attachments: html('<p>shell node001 nc -zv <a href="tel:10064433306">10.0.64.43 3306</a></p>'),
  }),
  inPersonal('an e-mail address', 'microsoft/botframework-sdk#377', 'shell node001 dig root@x.example', {
    text: '',
    attachments: html('<p>shell node001 dig <a href="mailto:root@x.example">root@x.example</a></p>'),
  }),
  inPersonal('a quoted reply', 'openclaw/openclaw#101856', dig, {
    text: `Bob\nnodes\n${dig}`,
    attachments: html(`<div>${quote('Reply', '<p itemprop="preview">nodes</p>')}\n<p>${dig}</p></div>`),
  }),
  inPersonal('a quoted reply of older clients', 'openclaw/openclaw#51647', dig, {
    text: dig,
    attachments: html(`${quote('Reply', '<p itemprop="copy">pods -n shop</p>')}${dig}`),
  }),
  inChat('a quoted reply in a group chat', 'NousResearch/hermes-agent#105344', dig, {
    text: `<at>retina</at> ${dig}`,
    attachments: html(`${quote('Reply', '<p itemprop="preview">nodes</p>')}<p>${span('retina')}&nbsp;${dig}</p>`),
  }),
  inPersonal(
    'a reply as a reference',
    'learn.microsoft.com/graph/api/resources/chatmessageattachment (messageReference)',
    dig,
    {
      text: dig,
      attachments: [
        ...html(`<attachment id="1700000000000"></attachment><p>${dig}</p>`),
        { contentType: 'messageReference', content: '{"messagePreview":"nodes"}' },
      ],
    },
  ),
  inPersonal('a quote inside a quote', 'openclaw/openclaw#101856', dig, {
    text: '',
    attachments: html(`${quote('Reply', `<blockquote>old</blockquote><p itemprop="preview">nodes</p>`)}<p>${dig}</p>`),
  }),
  inChat('a forwarded message', 'openclaw/openclaw#102376', 'whoami', {
    text: `<at>retina</at> whoami ${dig}`,
    attachments: html(`<p>${span('retina')}&nbsp;whoami</p>${quote('Forward', `<p>${dig}</p>`)}`),
  }),
  inChat('a forwarded message with a mention alone', 'openclaw/openclaw#102376', '', {
    text: `<at>retina</at> ${dig}`,
    attachments: html(`<p>${span('retina')}</p>${quote('Forward', `<p>${dig}</p>`)}`),
  }),
  inPersonal('a quotation that a person typed', formats, dig, {
    text: '',
    attachments: html(`<blockquote><p>is it up?</p></blockquote><p>${dig}</p>`),
  }),
  inPersonal('a quotation and nothing else', formats, dig, {
    text: '',
    attachments: html(`<blockquote>${dig}</blockquote>`),
  }),
  inPersonal(
    'an emoji',
    'microsoftgraph/microsoft-graph-toolkit#2330',
    "shell --reason 'hurry 🙃' node001 dig x.example",
    {
      text: '',
      attachments: html(
        '<p>shell --reason "hurry <emoji id="upsidedownface" alt="🙃" title="Upside down face"></emoji>" node001 dig x.example</p>',
      ),
    },
  ),
  inPersonal('an emoji as a picture', 'openclaw/openclaw#57366', "shell --reason 'hurry 👋' node001 dig x.example", {
    text: '',
    attachments: html(
      '<p>shell --reason "hurry <span class="animated-emoticon-20-wave" title="Hi" type="(hi)"><img itemscope="" itemtype="http://schema.skype.com/Emoji" itemid="wave" src="https://statics.teams.cdn.office.net/x.png" alt="👋"></span>" node001 dig x.example</p>',
    ),
  }),
  inPersonal('a picture', undocumented, dig, {
    text: dig,
    attachments: [
      { contentType: 'image/*', contentUrl: 'https://x.example/i' },
      ...html(
        `<div><img src="https://x.example/i" alt="image" itemtype="http://schema.skype.com/AMSImage"></div><p>${dig}</p>`,
      ),
    ],
  }),
  inPersonal('a picture alone', undocumented, undefined, {
    text: '',
    attachments: [
      { contentType: 'image/*', contentUrl: 'https://x.example/i' },
      ...html('<div><img src="https://x.example/i" alt="image"></div>'),
    ],
  }),
  inPersonal('a file alone', 'learn.microsoft.com/microsoftteams/platform/bots/how-to/bots-filesv4', undefined, {
    text: undefined,
    attachments: [
      {
        contentType: 'application/vnd.microsoft.teams.file.download.info',
        name: 'x.txt',
        content: { downloadUrl: 'https://x.example/f' },
      },
    ],
  }),
  inPersonal(
    'a card that was pasted',
    'learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/cards-reference',
    undefined,
    {
      text: undefined,
      attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', content: { type: 'AdaptiveCard' } }],
    },
  ),
  inPersonal('HTML that is empty', undocumented, dig, { text: dig, attachments: html('<div></div>') }),
  inPersonal('HTML that is no text', undocumented, dig, {
    text: dig,
    attachments: [{ contentType: 'text/html', content: { a: 1 } }],
  }),
  inPersonal('HTML that is cut off', undocumented, dig, { text: '', attachments: html(`<div><p>${dig}</p><p`) }),
  inPersonal('a script', undocumented, dig, {
    text: '',
    attachments: html(`<script>shell node001 dig evil.example</script><style>p{}</style><p>${dig}</p><!-- nodes -->`),
  }),
  inPersonal('a table', formats, '(shell-syntax)', {
    text: '',
    attachments: html(
      '<table><tbody><tr><td>shell node001</td><td>dig x.example</td></tr><tr><td>nodes</td></tr></tbody></table>',
    ),
  }),
  inPersonal('letters of a phone', undocumented, 'shell --timeout 3s node001 iptables -nvL', {
    text: '',
    attachments: html('<p>shell &mdash;timeout 3s node001 iptables &ndash;nvL</p>'),
  }),
  inPersonal('quotes of a phone', undocumented, "shell --reason 'disk is full' node001 dig x.example", {
    text: '',
    attachments: html('<p>shell --reason &ldquo;disk is full&rdquo; node001 dig x.example</p>'),
  }),
  // Added after the first 236 payloads.
  inChannel(
    'several people, and signs as entities',
    'public source code of a karma bot (recorded activity)',
    'deny abcd2345 karma++ @Bob++',
    {
      text: '\r\n<at>retina</at> deny abcd2345 karma++ <at>Bob</at>++\n',
      entities: [mentioned(), bob],
      attachments: html(
        `<div>\r\n<div itemprop="copy-paste-block">${span('retina')} deny abcd2345 karma&#43;&#43; ${span('Bob', 1)}&#43;&#43;</div>\n</div>`,
      ),
    },
  ),
  inPersonal('a code block of the editor', codeBlocks, dig, {
    text: '',
    attachments: html(
      `<p itemtype="http://schema.skype.com/CodeBlockEditor" id="x_codeBlockEditor-a70b39d9">\r\n&nbsp;</p>\r\n<pre class="language-bash" itemid="codeBlockEditor-a70b39d9"><code>shell&nbsp;node001&nbsp;<span class="hljs-built_in">dig</span>&nbsp;x.example</code></pre>`,
    ),
  }),
  inPersonal('a code block with a line that is continued', codeBlocks, dig, {
    text: '',
    attachments: html(
      '<pre class="language-bash skipProofing" spellcheck="false"><code>shell node001 \\<br>&nbsp;&nbsp;dig x.example</code></pre>',
    ),
  }),
  inPersonal('a code block of two lines', codeBlocks, '(shell-syntax)', {
    text: '',
    attachments: html(`<pre class="language-bash"><code>${dig}<br>nodes</code></pre>`),
  }),
  inPersonal('a link that Teams made safe', 'mortenn/browserpicker#24', 'shell node001 curl http://x.example/a', {
    text: '',
    attachments: html(
      '<p>shell node001 curl <a href="https://statics.teams.cdn.office.net/evergreen-assets/safelinks/1/atp-safelinks.html?url=http%3A%2F%2Fx.example%2Fa&amp;locale=en-gb">http://x.example/a</a></p>',
    ),
  }),
]
