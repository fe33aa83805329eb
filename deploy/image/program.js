// Layer with the program itself: node program.js REPOSITORY ROOT
// Writes the sources as JavaScript: types become spaces, so that lines and columns stay, and Node loads no compiler at each start
// (30 MB less memory; measured by `config check`).
import { chmodSync, copyFileSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { dirname, join, relative } from 'node:path'

const [repository = '.', root = ''] = process.argv.slice(2)
const target = '/opt/retina-chatops'
/** What the program consists of; the Dockerfile copies the same. */
const folders = ['src', 'adapters']

const file = (path) => {
  const to = join(root, target, path)
  mkdirSync(dirname(to), { recursive: true })
  return to
}
/** Replaces `.ts` in the specifiers of imports; those that begin with # are mapped by package.json. Throws where another path has it. */
const toJavaScript = (text, path) => {
  const replaced = text.replaceAll(/(\bfrom |\bimport\()'(\.[^']*)\.ts'/g, "$1'$2.js'")
  const left = /['"`]\.{1,2}\/[^'"`\s]*\.ts['"`]/.exec(replaced)
  if (left !== null)
    throw new Error(`${path}: ${left[0]} won't exist in the image; load it by \`import … from\` or \`import()\``)
  return replaced
}

for (const folder of folders) {
  for (const entry of readdirSync(join(repository, folder), { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || entry.name.endsWith('.md')) continue
    const source = join(entry.parentPath, entry.name)
    const path = relative(repository, source)
    if (path.endsWith('.ts')) {
      writeFileSync(
        file(path.replace(/ts$/, 'js')),
        toJavaScript(stripTypeScriptTypes(readFileSync(source, 'utf8')), path),
      )
    } else {
      copyFileSync(source, file(path))
    }
  }
}

const { name, version, description, license, type, bin, imports, dependencies } = JSON.parse(
  readFileSync(join(repository, 'package.json'), 'utf8'),
)
const used = Object.entries(imports)
  .filter(([, path]) => folders.some((folder) => path.startsWith(`./${folder}/`)))
  .map(([alias, path]) => [alias, path.replace(/ts$/, 'js')])
const manifest = { name, version, description, license, type, bin, imports: Object.fromEntries(used), dependencies }
writeFileSync(file('package.json'), `${JSON.stringify(manifest, null, 2)}\n`)
copyFileSync(join(repository, 'LICENSE'), file('LICENSE'))

// The kernel starts it by its first line: there is neither `env` nor a shell.
const main = readFileSync(join(repository, bin['retina-chatops']), 'utf8')
writeFileSync(
  file(bin['retina-chatops']),
  toJavaScript(main.replace(/^#!.*/, '#!/usr/local/bin/node'), bin['retina-chatops']),
)
chmodSync(file(bin['retina-chatops']), 0o755)
mkdirSync(join(root, 'usr/local/bin'), { recursive: true })
symlinkSync(join(target, bin['retina-chatops']), join(root, 'usr/local/bin/retina-chatops'))
