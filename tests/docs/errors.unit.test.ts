import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const REPOSITORY = join(import.meta.dirname, '..', '..')
const read = (file: string): string => readFileSync(join(REPOSITORY, file), 'utf8')

/** What runs in production and at the command line; not tests, their fixtures, and what is generated. */
const SOURCES = globSync(
  [
    'packages/*/src/**/*.ts',
    'services/*/*.ts',
    'services/*/src/**/*.{ts,js}',
    'infra/stack/{bootstrap,commands,tools}.mjs',
    'infra/*/src/**/*.{ts,js}',
    'infra/images/*.mjs',
    'tests/{demo,faults,bench}/**/*.ts',
  ],
  { cwd: REPOSITORY },
)
  .filter(
    (file) => !/\.test\.ts$|\.fixture\.ts$|\.contract\.ts$|\/(testing|fixtures|node_modules)\//.test(file),
  )
  .filter((file) => !file.startsWith('packages/testkit/'))

/** Upper-case words of others that our code compares with or passes on. A new code of ours never belongs here. */
const OF_OTHERS = new Set([
  // yaml's
  'BLOCK_IN_FLOW',
  'TAB_AS_INDENT',
  // rolldown's
  'MISSING_EXPORT',
  'UNRESOLVED_IMPORT',
  // Kafka's error types
  'CLUSTER_AUTHORIZATION_FAILED',
  'FENCED_INSTANCE_ID',
  'GROUP_AUTHORIZATION_FAILED',
  'GROUP_MAX_SIZE_REACHED',
  'ILLEGAL_GENERATION',
  'INCONSISTENT_GROUP_PROTOCOL',
  'INVALID_GROUP_ID',
  'INVALID_SESSION_TIMEOUT',
  'INVALID_TOPIC_EXCEPTION',
  'MEMBER_ID_REQUIRED',
  'REBALANCE_IN_PROGRESS',
  'TOPIC_ALREADY_EXISTS',
  'TOPIC_AUTHORIZATION_FAILED',
  'UNKNOWN_MEMBER_ID',
  'UNKNOWN_TOPIC_OR_PARTITION',
  'UNSUPPORTED_VERSION',
  // gRPC's status of a call that was not answered in time
  'DEADLINE_EXCEEDED',
  // grpc.health.v1
  'NOT_SERVING',
  'SERVICE_UNKNOWN',
  // Node and undici
  'ERR_HTTP_REQUEST_TIMEOUT',
  'HPE_HEADER_OVERFLOW',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_INVALID_ARG',
  // openid-client
  'OAUTH_RESPONSE_IS_NOT_CONFORM',
  'OAUTH_RESPONSE_IS_NOT_JSON',
  'OAUTH_TIMEOUT',
  // Meta's Graph API
  'CLOUD_API',
])

const CODE = '[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*'
const SNAKE = '[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+'
const QUOTE = '[\'"`]'

/** A variable of the environment: read from it, declared as a setting, or in the list of settings. */
const VARIABLES = [
  new RegExp(`env(?:\\.|\\[${QUOTE})(${CODE})`, 'g'),
  new RegExp(`\\b(?:setting|secret)\\(\\s*${QUOTE}(${CODE})${QUOTE}`, 'g'),
  new RegExp(`\\b(?:setting|env|variable): ${QUOTE}(${CODE})${QUOTE}`, 'g'),
  new RegExp(`isOn\\(env, ${QUOTE}(${CODE})${QUOTE}`, 'g'),
]

/** Any quoted word of several parts is taken for a code, so that a new way to write codes needs no new pattern here. */
const CODES = [
  new RegExp(`${QUOTE}(${SNAKE})${QUOTE}`, 'g'),
  // In what people read: `USAGE` in "(USAGE)", `BAD_OPTION` in "BAD_OPTION: …".
  new RegExp(`[a-z}] \\((${CODE})\\)(?=[.:\\\\])`, 'g'),
  new RegExp(`${QUOTE}(${SNAKE}): `, 'g'),
  // Words of one part, where they can only be codes.
  new RegExp(`\\bcode(?:: string)?\\s*[:=]\\s*${QUOTE}(${CODE})${QUOTE}`, 'g'),
  new RegExp(`\\bok\\(${QUOTE}(${CODE})${QUOTE}`, 'g'),
  new RegExp(`\\bwhy: ${QUOTE}(${CODE})${QUOTE}`, 'g'),
  new RegExp(`\\breason = ${QUOTE}(${CODE})${QUOTE}`, 'g'),
]

const matches = (text: string, patterns: readonly RegExp[]): string[] =>
  patterns.flatMap((pattern) => [...text.matchAll(pattern)].map(([, word = '']) => word))

const withoutComments = (source: string): string =>
  source.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/(^|\s)\/\/ .*$/gm, '$1')

const sources = new Map(SOURCES.map((file) => [file, withoutComments(read(file))]))
const variables = new Set([...sources.values()].flatMap((source) => matches(source, VARIABLES)))

const codesIn = (source: string): string[] =>
  matches(source, CODES).filter((code) => !variables.has(code) && !OF_OTHERS.has(code))

/** The codes that a page explains: the first cells of its tables. */
const explainedBy = (page: string): Set<string> =>
  new Set(
    read(page)
      .split('\n')
      .filter((line) => line.startsWith('| `'))
      .flatMap((line) => matches(line.split(' | ')[0]!, [new RegExp(`\`(${CODE})\``, 'g')])),
  )

const errors = explainedBy('docs/reference/errors.md')
const refusals = explainedBy('docs/reference/refusals.md')

test('every code that the sources have is explained on the page of errors or of refusals', () => {
  const missing = [...sources].flatMap(([file, source]) =>
    [...new Set(codesIn(source))]
      .filter((code) => !errors.has(code) && !refusals.has(code))
      .map((code) => `${code} (${file})`),
  )
  expect(missing).toEqual([])
})

test('the page of errors explains no code that the sources no longer have', () => {
  const all = [...sources.values()].join('\n')
  expect([...errors].filter((code) => !new RegExp(`[^\\w]${code}[^\\w]`).test(all))).toEqual([])
})

test('the search finds codes in each of the ways in which they are written', () => {
  const found = (source: string): string[] => codesIn(withoutComments(source))
  expect(found(`readonly code = 'LOG_ODD'`)).toContain('LOG_ODD')
  expect(found(`log.error({ code: 'ODD' }, 'it is odd')`)).toContain('ODD')
  expect(found(`throw grpcError(status.INTERNAL, 'VERY_ODD', '…')`)).toContain('VERY_ODD')
  expect(found(`throw new StackFault(\n  begun ? 'ODD_ONE' : 'ODD_TWO',`)).toEqual(['ODD_ONE', 'ODD_TWO'])
  expect(found('write(`ODD_FILE: ${file} is odd`)')).toContain('ODD_FILE')
  expect(found('write(`it is odd (ODD)\\n`)')).toContain('ODD')
  expect(found(`// once it was 'ODD_ONCE'\n/** or 'ODD_TWICE' */`)).toEqual([])
  expect(found(`env['KAFKA_BROKERS']`)).toEqual([])
})
