import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { DeclaredRoute } from '@parley/service'
import { expect, test } from 'vitest'
import { allServers } from './servers.ts'

const REPOSITORY = join(import.meta.dirname, '..', '..')
const read = (file: string): string => readFileSync(join(REPOSITORY, file), 'utf8')

const accessOf = ({ access }: DeclaredRoute): string =>
  typeof access === 'object' ? `permission ${access.permission}` : access

/** A file's address changes with its content. */
const named = (url: string): string => url.replace(/\.[0-9a-f]{12}\./, '.DIGEST.')

test('the page of access lists each route of each server with who may use it, and no other', async () => {
  const servers = await allServers()
  const declared = servers.flatMap(({ name, routes }) =>
    routes.map((route) => `${name} | \`${route.method} ${named(route.url)}\` | ${accessOf(route)}`),
  )
  await Promise.all(servers.map((server) => server.close()))
  const listed = read('docs/reference/access.md')
    .split('\n')
    .flatMap((line) => /^\| (\w+ \| `[A-Z]+ \S+` \| [^|]+?) \|/.exec(line)?.[1] ?? [])
  expect(listed.toSorted()).toEqual(declared.toSorted())
})

/** Where servers are made: each of them is in servers.ts, so that its routes are on the page and in the negative suite. */
const MADE_IN = [
  'infra/simulator/src/simulator.ts',
  'packages/service/src/http/server.ts',
  'packages/service/src/probe-server.ts',
  'services/agent/src/adapters/console-site.ts',
  'services/archive/src/adapters/transcript-site.ts',
  'services/gateway/src/compose.ts',
]
/** The local provider of identities is a library's server, for one machine; and a socket of the file system that only its owner may open. */
const NOT_OURS = ['infra/identity/src/provider.ts', 'infra/stack/src/control.ts']

test('no HTTP server is made but on the base, and each that is is known here', () => {
  const sources = globSync(['packages/*/src/**/*.ts', 'services/*/src/**/*.ts', 'infra/*/src/**/*.ts'], {
    cwd: REPOSITORY,
    exclude: ['**/node_modules/**'],
  }).filter((file) => !/\.test\.ts$|\.fixture\.ts$|\/testing\/|packages\/testkit\//.test(file))
  const matching = (pattern: RegExp) => sources.filter((file) => pattern.test(read(file))).toSorted()
  expect(matching(/\bcreateHttpServer\(/)).toEqual(MADE_IN)
  expect(matching(/^import (?!type)fastify|import \{[^}]*\bfastify\b[^}]*\} from 'fastify'/m)).toEqual([
    'packages/service/src/http/server.ts',
  ])
  expect(matching(/from 'node:https?'/).filter((file) => /\bcreateServer\(/.test(read(file)))).toEqual(
    NOT_OURS,
  )
})
