import { hostsOf } from '@parley/service/mongo-hosts'
import pc from 'picocolors'
import type { Stack } from './start-stack.ts'

const SOURCE_NOTES: ReadonlyMap<string, string> = new Map([
  ['external', 'given from outside'],
  ['jars', 'the real broker, from its jars'],
  ['docker', 'in Docker'],
  ['mongod', 'mongod on the PATH'],
  ['download', 'the official binary, downloaded'],
  ['secantus-rs', "SecantusDB, a beta of MongoDB's protocol: for evaluation and tests only"],
  [
    'secantus',
    'SecantusDB in Python, for evaluation only, some 12 turns/s: `npm run stack -- build-mongo` for more',
  ],
])

/** One who answers and one who looks on; everybody's password stands in stack.json. */
const signIns = ({ people }: Stack['stackJson']): (readonly [string, string, string])[] =>
  ['agent', 'supervisor'].flatMap((role) => {
    const able = people.filter(({ roles }) => roles.includes(role))
    // Who has no team sees all of them.
    const found = able.find(({ team }) => team === null) ?? able[0]
    return found === undefined
      ? []
      : [[role, `${found.login} ${found.password}`, `sign in as ${found.name} at the console`] as const]
  })

/** Name, address or sign-in, and what is there. */
export const whereToLook = (
  stackJson: Stack['stackJson'],
): readonly (readonly [string, string, string])[] => {
  const { urls, whatsapp } = stackJson
  return [
    urls.phone
      ? ['phone', urls.phone, 'be the customer: write "oi" and follow the robot']
      : ['number', whatsapp.displayPhoneNumber, 'write to it on WhatsApp: the real Graph API is in use'],
    ['webhooks', urls.webhooks, 'where WhatsApp delivers what customers write'],
    ['transcripts', urls.transcripts, 'the recorded conversation opens here, from the link that ends a chat'],
    ['console', urls.console, 'for the people behind the robot, behind a sign-in'],
    ...signIns(stackJson),
  ]
}

export const banner = ({ stackJson, dataDir }: Pick<Stack, 'stackJson' | 'dataDir'>): string => {
  const { sources } = stackJson
  const rows = [
    ...whereToLook(stackJson),
    ['Kafka', stackJson.kafkaBrokers.join(','), SOURCE_NOTES.get(sources.kafka) ?? sources.kafka] as const,
    ['MongoDB', hostsOf(stackJson.mongoUri), SOURCE_NOTES.get(sources.mongo) ?? sources.mongo] as const,
  ]
  const width = Math.max(...rows.map(([, address]) => address.length))
  return [
    '',
    `  ${pc.bold('Parley is up.')}`,
    '',
    ...rows.map(
      ([name, address, what]) => `  ${name.padEnd(12)}${pc.cyan(address.padEnd(width))}   ${pc.dim(what)}`,
    ),
    '',
    `  ${pc.dim(`data and logs in ${dataDir} · npm run stack -- status | logs | doctor · Ctrl-C stops everything`)}`,
    '',
    '',
  ].join('\n')
}
