import { CommandFailure, CommandLineMistake, wholeNumber } from '@parley/authoring'
import { type EventLog, deadLettersOf, kafkaLog, topicsOf } from '@parley/eventlog'
import { FAMILIES } from '@parley/families'
import { DeadLetter } from '@parley/proto/envelope'
import { auditRecorder } from '@parley/service'
import pc from 'picocolors'
import { putOnRecord } from './on-record.ts'
import { operatedStores } from './operated.ts'
import { visible } from './visible.ts'

/** `npm run parley -- dead-letters list`: the newest of each partition, oldest first, to stdout. Never their bytes: those may be what a customer wrote. */
export async function listDeadLetters(values: {
  readonly last: string
  readonly json: boolean
}): Promise<number> {
  const last = wholeNumber('--last', values.last, 100_000)
  return withLog(async ({ log, namespace }) => {
    const topic = deadLettersOf(namespace)
    const letters = []
    for (const [partition, { start, end }] of (await log.offsets(topic)).entries()) {
      const from = end - BigInt(last) > start ? end - BigInt(last) : start
      for (const { offset, value } of await log.read(topic, partition, from, end)) {
        const { source, code, reason, recordedAt = '', deadLetterId, ...at } = DeadLetter.decode(value)
        const cameFrom = at.partition < 0 ? source : `${source} ${at.partition}:${at.offset}`
        letters.push({
          place: `${partition}:${offset}`,
          recordedAt,
          code,
          from: cameFrom,
          reason,
          id: deadLetterId,
        })
      }
    }
    if (values.json || !process.stdout.isTTY)
      process.stdout.write(`${JSON.stringify({ deadLetters: letters }, null, 2)}\n`)
    else
      for (const { place, recordedAt, code, from, reason } of letters)
        process.stdout.write(
          `${[place.padEnd(8), pc.dim(recordedAt), code.padEnd(20), from, visible(reason)].join('  ')}\n`,
        )
    return 0
  })
}

/** `npm run parley -- dead-letters put-back`: its bytes stand where they came from once more, unchanged. The command's id is in them, so what was decided meanwhile is not decided twice. */
export async function putBack(place: string): Promise<number> {
  const [, partition = '', offset = ''] = /^(\d{1,6}):(\d{1,18})$/.exec(place) ?? []
  if (offset === '')
    throw new CommandLineMistake('PLACE is partition:offset, as `dead-letters list` says it: 3:17')
  return withLog(async ({ log, namespace }) => {
    const found = await recordAt(log, deadLettersOf(namespace), Number(partition), BigInt(offset))
    if (found === undefined)
      throw new CommandFailure(
        `there is no dead letter at ${place}. \`dead-letters list\` says which there are; they are kept for 30 days.`,
        'DEAD_LETTER_UNKNOWN',
      )
    const { source, key, deadLetterId, code, ...letter } = DeadLetter.decode(found)
    if (!FAMILIES.some((family) => topicsOf(namespace, family).commands === source))
      throw new CommandFailure(
        `what came from ${source} is no command, and can be put back nowhere: the sender has to say it again.`,
        'DEAD_LETTER_NO_COMMAND',
      )
    // Bytes that fill a record alone stay where they came from.
    const value =
      letter.value.length > 0 ? letter.value : await recordAt(log, source, letter.partition, letter.offset)
    if (value === undefined || value.length === 0)
      throw new CommandFailure(
        `its bytes stayed in ${source} at ${letter.partition}:${letter.offset}, which has them no more.`,
        'DEAD_LETTER_GONE',
      )
    await putOnRecord(
      auditRecorder(log, namespace, 'operator'),
      { kind: 'dead_letter', id: deadLetterId },
      { act: 'dead_letter_put_back', code },
    )
    const [stored] = await log.append(source, [{ key: key.toString(), value }])
    process.stderr.write(
      `${pc.green('✓')} put back to ${source} at ${stored!.partition}:${stored!.offset}; it is decided now, at today's place in its stream\n`,
    )
    return 0
  })
}

async function withLog(
  work: (at: { readonly log: EventLog; readonly namespace: string }) => Promise<number>,
): Promise<number> {
  const { kafka, namespace } = await operatedStores(process.env)
  const log = await kafkaLog(kafka, 'parley-dead-letters')
  try {
    return await work({ log, namespace })
  } finally {
    await log.close()
  }
}

async function recordAt(
  log: EventLog,
  topic: string,
  partition: number,
  offset: bigint,
): Promise<Buffer | undefined> {
  const there = (await log.offsets(topic))[partition]
  if (there === undefined || offset < there.start || offset >= there.end) return undefined
  const [record] = await log.read(topic, partition, offset, offset + 1n)
  return record && Buffer.from(record.value)
}
