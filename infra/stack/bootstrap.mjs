// Every script of package.json begins here. It imports nothing before the version is known, and is written in what any Node since 12 reads: an
// older one that met newer words would end at the first of them, and say nothing that helps.
const OLDEST_NODE = 20

if (Number(process.versions.node.split('.')[0]) >= OLDEST_NODE) void import('./commands.mjs')
else {
  const [code, found] = ['NODE_TOO_OLD', process.versions.node]
  process.stderr.write(
    `\nNode ${found} is too old [${code}]\n  why: Parley begins with Node ${OLDEST_NODE} or newer (it brings its own Node 24 along)\n  fix: install a newer Node: https://nodejs.org, or your package manager\n`,
  )
  process.exitCode = 1
}
