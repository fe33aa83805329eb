import { dig } from './row.ts'

/** Texts that people type where nothing changes them (web chat, terminal), and the command's words. */
export const typedRows: readonly (readonly [typed: string, words: string])[] = [
  [dig, dig],
  [`@retina ${dig}`, dig],
  [`@retina: ${dig}`, dig],
  [`@Retina, ${dig}`, dig],
  [`/retina ${dig}`, dig],
  [`\`${dig}\``, dig],
  [`\`\`\`\n$ kubectl retina ${dig}\n\`\`\``, dig],
  ['shell --reason “disk is full” node001 dig x.example', "shell --reason 'disk is full' node001 dig x.example"],
  ['shell —timeout 3s node001 iptables –nvL', 'shell --timeout 3s node001 iptables -nvL'],
  ['shell\u00a0node001 dig\u00a0x.example', dig],
  ['shell node001 dig @retina x.example', 'shell node001 dig @retina x.example'],
  ["shell node001 curl 'http://x.example/?a=1&amp;b=2'", "shell node001 curl 'http://x.example/?a=1&amp;b=2'"],
  ['shell node001 dig <http://x.example|x.example>', '(shell-syntax)'],
  [`${dig} &`, '(shell-syntax)'],
]
