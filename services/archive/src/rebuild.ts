// node services/archive/src/rebuild.ts [--accept-differences] [--patience-seconds 60] | --switch-to VERSION
import { parseArgs } from 'node:util'
import { conversations } from '@parley/conversation'
import { kafkaLog, topicsOf } from '@parley/eventlog'
import { connectMongo } from '@parley/service'
import { rawArchive } from './adapters/raw-archive.ts'
import { rebuildTranscripts } from './adapters/rebuild-transcripts.ts'
import { transcriptRouting } from './adapters/transcript-route.ts'
import { archiveSettings } from './config.ts'

const HELP = `Builds the transcripts anew from the log, beside the live ones, and switches to them when they are the same.
  --accept-differences   switch although documents differ (after a change of the folds)
  --patience-seconds N   give up when nothing moves for so long (60)
  --switch-to VERSION    go back to a version that was built before
`

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      'accept-differences': { type: 'boolean', default: false },
      'patience-seconds': { type: 'string', default: '60' },
      'switch-to': { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) {
    process.stdout.write(HELP)
    return 0
  }
  const settings = archiveSettings(process.env)
  const { namespace } = settings
  await using undo = new AsyncDisposableStack()
  const { db, resource } = await connectMongo(settings.mongodbUri, `${namespace}_archive`)
  undo.defer(() => resource.close())
  const routing = transcriptRouting(db)

  if (values['switch-to'] !== undefined) {
    const { version, newest } = await routing.current()
    const target = Number(values['switch-to'])
    if (!Number.isInteger(target) || target < 1 || target > newest)
      throw new Error(`--switch-to must be a version from 1 to ${newest}.`)
    const switched = await routing.switch(version, target, new Date())
    process.stdout.write(`${JSON.stringify({ from: version, to: target, switched })}\n`)
    return switched ? 0 : 1
  }

  const log = await kafkaLog(settings.kafka, 'parley-archive-rebuild')
  undo.defer(() => log.close())
  const report = await rebuildTranscripts(
    {
      log,
      topics: topicsOf(namespace, conversations),
      namespace,
      db,
      raw: await rawArchive(db),
      onParked: ({ streamId }) => process.stderr.write(`parked: ${streamId}\n`),
      onFault: (error) => {
        process.stderr.write(`${error.message}\n`)
        process.exit(1)
      },
    },
    routing,
    {
      acceptDifferences: values['accept-differences'],
      patienceMs: Number(values['patience-seconds']) * 1000,
      now: () => new Date(),
      onProgress: ({ streams, compared }) =>
        process.stderr.write(`${compared} of ${streams} contacts compared\n`),
    },
  )
  process.stdout.write(`${JSON.stringify(report)}\n`)
  if (!report.switched)
    process.stderr.write(
      'REBUILD_NOT_SWITCHED: the rebuilt transcripts are not the live ones, so the live ones stay. ' +
        'Look at `different`, `missing` and `parked` of the report; after a change of the folds say --accept-differences.\n',
    )
  return report.switched ? 0 : 1
}

try {
  process.exitCode = await main()
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}
