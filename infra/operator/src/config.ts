import { randomUUID } from 'node:crypto'
import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { readNames } from '@parley/agent/names'
import { readQuickReplies } from '@parley/agent/quick-replies'
import { ConfigFileInvalid, problemLines } from '@parley/authoring/config-file'
import { readScorecardsIn } from '@parley/evaluation/directory'
import { type EventLog, appendCommands, kafkaLog, topicsOf } from '@parley/eventlog'
import { type CommonEvent, type NewCommand, readEvent } from '@parley/kernel'
import { readPeopleIn } from '@parley/people/directory'
import type { PoolConfiguration } from '@parley/proto/workforce-configuration'
import { auditRecorder, connectMongo } from '@parley/service'
import {
  POOL,
  type WorkforceCommand,
  type WorkforceEvent,
  isOnlySupervisor,
  workforces,
} from '@parley/workforce'
import pc from 'picocolors'
import { configFolder } from './folder.ts'
import { putOnRecord } from './on-record.ts'
import { operatedStores } from './operated.ts'
import { type UnknownCode, unknownInNames, unknownInSamples, unknownInTeams } from './unknown-codes.ts'

const DECIDED_WITHIN_MS = 15_000

/** `npm run parley -- config …`. Differences to stdout, words about the work to stderr. Exit code 0 when all is well or in force, 1 otherwise. */
export async function configCommand(
  command: 'check' | 'diff' | 'apply',
  [folder = configFolder()]: readonly string[],
): Promise<number> {
  // Else each of its files would say so.
  if ((await read(() => readdir(folder))) === undefined) return 1
  const configuration = await configurationIn(folder)
  if (command === 'check') {
    if (configuration !== undefined) {
      const { queues, agents } = configuration
      const answering = agents.filter((agent) => !isOnlySupervisor(agent))
      said(true, `${queues.length} queues and ${answering.length} agents, nothing wrong`)
    }
    const areGood = await areOthersGood(folder, configuration)
    return configuration !== undefined && areGood ? 0 : 1
  }
  if (configuration === undefined) return 1

  const { kafka, mongodbUri, namespace } = await operatedStores(process.env)
  await using undo = new AsyncDisposableStack()
  const { db, resource } = await connectMongo(mongodbUri, `${namespace}_routing`)
  undo.defer(() => resource.close())
  const { configurationInForce, differences } = await import('@parley/routing')
  const lines = differences(await configurationInForce(db), configuration)
  for (const line of lines) process.stdout.write(`${line}\n`)
  if (lines.length === 0) said(true, 'this is in force')
  if (command === 'diff' || lines.length === 0) return 0

  const log = await kafkaLog(kafka, 'parley-config')
  undo.defer(() => log.close())
  const record = auditRecorder(log, namespace, 'operator')
  const subject = { kind: 'configuration' as const, id: 'workforce' }
  await putOnRecord(record, subject, { act: 'config_apply', digest: configuration.hash })
  const exitCode = await apply(log, namespace, configuration)
  if (exitCode === 0)
    await record({
      type: 'configuration_changed',
      person: null,
      subject,
      fields: { digest: configuration.hash },
    })
  return exitCode
}

/**
 * What stands beside workforce.yaml: each file is looked at, whatever is wrong in another.
 * @param pool by which their codes are known; undefined: it cannot be said of any whether it is there
 */
async function areOthersGood(folder: string, pool: PoolConfiguration | undefined): Promise<boolean> {
  const files: Readonly<Record<string, () => Promise<Found>>> = {
    async 'scorecards.yaml'() {
      const { forms, samples } = await readScorecardsIn(folder)
      const unknown = pool && unknownInSamples({ samples }, pool)
      return { what: `${forms.length} forms and ${samples.length} samples`, unknown }
    },
    async 'quick-replies.yaml'() {
      return { what: `${(await readQuickReplies(folder)).length} quick replies` }
    },
    async 'names.yaml'() {
      const names = await readNames(folder)
      const count = Object.values(names).flatMap((named) => Object.keys(named)).length
      return { what: `${count} names`, unknown: pool && unknownInNames(names, pool) }
    },
    // Without a pool something may be wrong in it, and was said.
    ...(pool && {
      async 'people.yaml'() {
        const roster = await readPeopleIn(folder)
        return { what: `${roster.people.size} people`, unknown: unknownInTeams(roster, pool) }
      },
    }),
  }
  let areGood = true
  for (const [name, look] of Object.entries(files)) {
    const found = await read(look)
    areGood = found !== undefined && (await isGood(folder, name, found)) && areGood
  }
  return areGood
}

interface Found {
  readonly what: string
  readonly unknown?: readonly UnknownCode[] | undefined
}

async function isGood(folder: string, name: string, { what, unknown = [] }: Found): Promise<boolean> {
  const isWell = unknown.every(({ mayBeOfBefore }) => mayBeOfBefore)
  said(isWell, isWell ? `${what}, nothing wrong` : 'it names what is not there (CONFIG_CODE_UNKNOWN)', name)
  if (unknown.length === 0) return isWell
  const path = join(folder, name)
  const source = await readFile(path, 'utf8')
  for (const line of problemLines({ source, path }, unknown)) process.stderr.write(`  ${line}\n`)
  return isWell
}

/** What `workforce.yaml` says; undefined: something is wrong in a file, and was said. */
export async function configurationIn(folder: string): Promise<PoolConfiguration | undefined> {
  // Loaded only for what it is asked for: it is a whole service.
  const { companyIn, workforceIn } = await import('@parley/routing')
  const people = await read(() => readPeopleIn(folder))
  const company = await read(async () => companyIn(folder))
  if (people === undefined || company === undefined) return undefined
  return read(async () => workforceIn(folder, people, company))
}

/** Undefined: something is wrong in a file, and was said. */
async function read<File>(reading: () => Promise<File>): Promise<File | undefined> {
  try {
    return await reading()
  } catch (error) {
    const { message, syscall } = error as NodeJS.ErrnoException
    if (syscall !== undefined) process.stderr.write(`parley: ${message} (FILE_UNREADABLE). Check the path.\n`)
    else if (error instanceof ConfigFileInvalid) process.stderr.write(`${message}\n`)
    else throw error
    return undefined
  }
}

async function apply(log: EventLog, namespace: string, configuration: PoolConfiguration): Promise<number> {
  const topics = topicsOf(namespace, workforces)
  const partition = await log.partitionOf(POOL, topics.events)
  let from = await log.endOffset(topics.events, partition)
  const command: NewCommand<WorkforceCommand> = {
    ...workforces.command('ConfigurePool', { configuration }),
    commandId: randomUUID(),
    streamId: POOL,
    occurredAt: new Date().toISOString(),
    actor: { kind: 'system', id: 'operator' },
  }
  await appendCommands(log, topics, [command])
  const deadline = performance.now() + DECIDED_WITHIN_MS
  while (performance.now() < deadline) {
    const end = await log.endOffset(topics.events, partition)
    for (const { value } of await log.read(topics.events, partition, from, end)) {
      const { envelope } = readEvent(value)
      if (envelope.causationId !== command.commandId) continue
      return told(workforces.readEvent(envelope), configuration.hash)
    }
    from = end
    await pause(100)
  }
  said(false, 'it was said, and nobody decided it yet: is routing running? `config diff` tells later')
  return 1
}

function told(event: WorkforceEvent | CommonEvent, hash: string): number {
  if (event.type !== 'CommandRefused') {
    said(true, `in force: ${hash.slice(0, 12)}`)
    return 0
  }
  const { code, fields } = event.data
  said(false, `refused (${code})`)
  for (const { name, value } of fields)
    for (const part of value.split(', ')) process.stderr.write(`  ${name}: ${part}\n`)
  return 1
}

function said(isWell: boolean, what: string, file = 'workforce.yaml'): void {
  process.stderr.write(`${isWell ? pc.green('✓') : pc.red('✗')} ${file}: ${what}\n`)
}
