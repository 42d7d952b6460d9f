import { execFile } from 'node:child_process'
import { copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const REPOSITORY = join(import.meta.dirname, '..', '..')
const DOMAIN = 'services/routing/src/conversation'

/** What each rule must turn down: a guarantee, where the code stands, the code, and the rule that says so. */
const OFFENCES: readonly (readonly [guarantee: string, folder: string, code: string, rule: string])[] = [
  ['no clock: Date.now', DOMAIN, `export const at = () => Date.now()`, 'no-restricted-properties'],
  ['no clock: Date.now, taken apart', DOMAIN, `export const { now } = Date`, 'no-restricted-properties'],
  ['no clock: new Date()', DOMAIN, `export const at = () => new Date()`, 'no-clock'],
  ['no clock: new globalThis.Date()', DOMAIN, `export const at = () => new globalThis.Date()`, 'no-clock'],
  ['no clock: globalThis.Date()', DOMAIN, `export const at = () => globalThis['Date']()`, 'no-clock'],
  ['no clock: Date()', DOMAIN, `export const at = () => Date()`, 'no-clock'],
  ['no clock: performance', DOMAIN, `export const at = () => performance.now()`, 'no-restricted-globals'],
  ['no chance: Math.random', DOMAIN, `export const roll = () => Math.random()`, 'no-restricted-properties'],
  [
    'no chance: the global crypto',
    DOMAIN,
    `export const id = () => crypto.randomUUID()`,
    'no-restricted-globals',
  ],
  [
    'no chance: node:crypto',
    DOMAIN,
    `import { randomUUID } from 'node:crypto'\nexport const id = () => randomUUID()`,
    'no-restricted-imports',
  ],
  [
    'no chance: node:crypto as a whole',
    DOMAIN,
    `import * as all from 'node:crypto'\nexport const id = () => all.randomUUID()`,
    'no-restricted-imports',
  ],
  [
    'no look-up of text from outside in a record',
    'services/archive/src/adapters',
    `const WORDS: Readonly<Record<string, string>> = { a: 'b' }\nexport const wordOf = (text: string) => WORDS[text]`,
    'no-open-lookup',
  ],
  [
    'no look-up of text from outside in a record that was handed in',
    'packages/service/src',
    `export const of = (words: Record<string, string>, text: string) => words[text]`,
    'no-open-lookup',
  ],
  ...(
    [
      [
        'by another name of its type',
        `type Words = Readonly<Record<string, string>>\nexport const of = (words: Words, text: string) => words[text]`,
      ],
      [
        'that is a property',
        `interface Held { readonly words: Record<string, string> }\nexport const of = (held: Held, text: string) => held.words[text]`,
      ],
      [
        'that is a part of what was taken apart',
        `interface Held { readonly words: Record<string, string> }\nexport const of = ({ words }: Held, text: string) => words[text]`,
      ],
      [
        'that is said to be one',
        `export const of = (held: object, text: string) => (held as Record<string, string>)[text]`,
      ],
      [
        'by an index signature',
        `interface Words { readonly [name: string]: string }\nexport const of = (words: Words, text: string) => words[text]`,
      ],
      [
        'that is put in when it is not there',
        `export const of = (words: Record<string, string[]>, text: string) => (words[text] ??= [])`,
      ],
      [
        'that an imported type has',
        `import type { Held } from './held.ts'\nexport const of = (all: { readonly held: Held }, text: string) => all.held.words[text]`,
      ],
    ] as const
  ).map(
    ([how, code]) =>
      [
        `no look-up of text from outside in a record ${how}`,
        'packages/service/src',
        code,
        'no-open-lookup',
      ] as const,
  ),
  [
    'no path of a file from a URL, which has %20 for a space',
    'infra/stack/src',
    `export const config = new URL('../config', import.meta.url).pathname`,
    'no-url-path',
  ],
  ['no environment', DOMAIN, `export const port = () => process.env['PORT']`, 'no-restricted-globals'],
  ['no I/O: fetch', DOMAIN, `export const ask = () => fetch('http://localhost')`, 'no-restricted-globals'],
  ...[
    'node:fs',
    'node:fs/promises',
    'node:net',
    'node:http',
    'node:timers/promises',
    'node:child_process',
  ].map((name) => importing(`no I/O: ${name}`, DOMAIN, name)),
  ...['mongodb', 'kafkajs', '@grpc/grpc-js', 'fastify', 'undici', 'pino'].map((name) =>
    importing(`no I/O: ${name}`, DOMAIN, name),
  ),
  importing('no I/O by its name without node:', DOMAIN, 'fs', 'prefer-node-protocol'),
  importing('no I/O: what @parley/eventlog does', DOMAIN, '@parley/eventlog'),
  importing('no I/O: what @parley/service does', DOMAIN, '@parley/service'),
  [
    'no gRPC client',
    DOMAIN,
    `import { GatewayServiceClient } from '@parley/proto/gateway'\nexport const it = GatewayServiceClient`,
    'no-restricted-imports',
  ],
  importing('no adapters', DOMAIN, '../adapters/company-file.ts'),
  importing('no adapters of others', DOMAIN, '../../../gateway/src/adapters/mongo-seen.ts'),
  importing('no composition root', DOMAIN, '../compose.ts'),
  importing('the kernel is domain code', 'packages/kernel/src', 'node:fs'),
  importing('so is a folder that comes tomorrow', 'services/billing/src/invoice', 'mongodb'),
  importing('kafkajs: not in a service', 'services/gateway/src/adapters', 'kafkajs'),
  importing('kafkajs: no part of it either', 'packages/service/src', 'kafkajs/src/index.js'),
  importing('kafkajs: not in the local stack', 'infra/stack/src', 'kafkajs'),
]

function importing(guarantee: string, folder: string, from: string, rule = 'no-restricted-imports') {
  return [guarantee, folder, `import { it } from '${from}'\nexport const its = it`, rule] as const
}

/** What the rules must leave alone. */
const ALLOWED: readonly (readonly [what: string, folder: string, code: string])[] = [
  [
    'a look-up that asks before, and one of a name that the record has',
    'packages/service/src',
    `interface Held { readonly words: Record<string, string>; readonly known: Record<'a' | 'b', string> }\nexport const of = (held: Held, text: string, name: 'a' | 'b') => [Object.hasOwn(held.words, text) ? held.words[text] : '', held.known[name]]`,
  ],
  [
    'the path of an address',
    'infra/stack/src',
    `export const of = (address: string) => new URL(address).pathname`,
  ],
  ['an instant that is given', DOMAIN, `export const at = (ms: number) => new Date(ms)`],
  ['a hash', DOMAIN, `import { createHash } from 'node:crypto'\nexport const its = createHash`],
  [
    'types of the log',
    DOMAIN,
    `import type { ReadEvent } from '@parley/eventlog'\nexport type It = ReadEvent`,
  ],
  [
    'messages',
    DOMAIN,
    `import { RespondRequest } from '@parley/proto/bot'\nexport const its = RespondRequest`,
  ],
  [
    'all messages of a family',
    'packages/conversation/src',
    `import * as events from '@parley/proto/events'\nexport const its = events`,
  ],
  ['a clock in an adapter', 'services/routing/src/adapters', `export const at = () => Date.now()`],
  ['a clock at the composition root', 'services/routing/src', `export const at = () => Date.now()`],
  [
    'kafkajs in the event log',
    'packages/eventlog/src',
    `import { Kafka } from 'kafkajs'\nexport const its = Kafka`,
  ],
]

/** What one of them imports. */
const IMPORTED = {
  'packages/service/src/held.ts': `export interface Held {\n  readonly words: Readonly<Record<string, string>>\n}`,
}

/** Two files that import each other, and two that need each other's types. */
const CYCLES = {
  'packages/kernel/src/value-a.ts': `import { b } from './value-b.ts'\nexport const a = (): number => b()`,
  'packages/kernel/src/value-b.ts': `import { a } from './value-a.ts'\nexport const b = (): number => a()`,
  'packages/kernel/src/type-a.ts': `import type { B } from './type-b.ts'\nexport interface A { readonly b: B }`,
  'packages/kernel/src/type-b.ts': `import type { A } from './type-a.ts'\nexport interface B { readonly a: A }`,
}

const offender = (folder: string, index: number) => `${folder}/offence-${index}.ts`
const innocent = (folder: string, index: number) => `${folder}/allowed-${index}.ts`

/** The repository's configuration over a tree of offences: in a folder of its own, so that nobody else's lint sees them. */
let directory: string
let found: ReadonlyMap<string, readonly string[]>

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'parley-lint-'))
  await copyFile(join(REPOSITORY, '.oxlintrc.json'), join(directory, '.oxlintrc.json'))
  await symlink(join(REPOSITORY, 'tests'), join(directory, 'tests'))
  const files = new Map<string, string>(Object.entries({ ...CYCLES, ...IMPORTED }))
  for (const [index, [, folder, code]] of OFFENCES.entries()) files.set(offender(folder, index), code)
  for (const [index, [, folder, code]] of ALLOWED.entries()) files.set(innocent(folder, index), code)
  for (const [file, code] of files) {
    await mkdir(dirname(join(directory, file)), { recursive: true })
    await writeFile(join(directory, file), `${code}\n`)
  }
  found = await lint(directory)
})

afterAll(() => rm(directory, { recursive: true, force: true }))

/** Rules that were broken, by file. */
async function lint(cwd: string): Promise<ReadonlyMap<string, readonly string[]>> {
  const output = await new Promise<string>((resolve) => {
    execFile(
      join(REPOSITORY, 'node_modules', '.bin', 'oxlint'),
      ['--format=json', 'services', 'packages', 'infra'],
      { cwd },
      (_error, stdout) => resolve(stdout),
    )
  })
  const { diagnostics } = JSON.parse(output) as { diagnostics: { code: string; filename: string }[] }
  const rules = new Map<string, string[]>()
  for (const { code, filename } of diagnostics) {
    const rule = /\(([^)]+)\)$/.exec(code)?.[1] ?? code
    rules.set(filename, [...(rules.get(filename) ?? []), rule])
  }
  return rules
}

describe('the lint turns down', () => {
  test.each(OFFENCES.map((offence, index) => [...offence, index] as const))(
    '%s (in %s)',
    (_guarantee, folder, _code, rule, index) => {
      expect(found.get(offender(folder, index)) ?? []).toContain(rule)
    },
  )

  test.each(Object.keys(CYCLES))('%s, which imports what imports it', (file) => {
    expect(found.get(file) ?? []).toContain('no-cycle')
  })
})

describe('the lint allows', () => {
  test.each(ALLOWED.map((allowed, index) => [...allowed, index] as const))(
    '%s (in %s)',
    (_what, folder, _code, index) => {
      expect(found.get(innocent(folder, index)) ?? []).toEqual([])
    },
  )
})
