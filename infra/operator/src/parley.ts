import { type Program, command, runProgram } from '@parley/authoring'
import { isServerAway } from '@parley/eventlog/server-away'
import { PROJECTIONS } from './projections.ts'

const PROJECTION_NAMES = PROJECTIONS.map(({ name }) => name)

const WHERE_THE_ARCHIVE_IS =
  'The archive is asked at ARCHIVE_GRPC_ADDRESS, or where the stack here has it. TIME is as 2026-03-02 or 2026-03-02T12:00:00Z.'
const WHERE_THE_AGENT_IS =
  'Answers once it is in force on every replica. The agent service is asked at AGENT_GRPC_ADDRESS, or where the stack here has it.'
const WHERE_THE_STORES_ARE =
  'Log and store are those of KAFKA_BROKERS, MONGODB_URI, PARLEY_NAMESPACE and PARLEY_PARTITIONS, or those of the stack here.'
const WHERE_THE_LOG_IS = `Ctrl-C cuts it; the next call goes on where it was. ${WHERE_THE_STORES_ARE}`
const WHERE_WHAT_IS_IN_FORCE_IS = `FOLDER is config where none is named. ${WHERE_THE_STORES_ARE}`

const rate = {
  rate: {
    type: 'string',
    value: 'N',
    does: 'at most N events a second, so that live traffic has the store for itself',
  },
} as const
const acceptDifferences = {
  'accept-differences': {
    type: 'boolean',
    default: false,
    does: 'switches although documents differ: after a change of what is folded',
  },
} as const

/** A rebuild brings the services along, and the rest answers in under a second: each loads what it runs. */
const projection = async () => (await import('./projection.ts')).projectionCommand
const config = async () => (await import('./config.ts')).configCommand
const deadLetters = () => import('./dead-letters.ts')
const people = async () => (await import('./people.ts')).peopleCommand

/** Results go to stdout, words about the work to stderr. */
export const PARLEY: Program = {
  call: 'npm run parley',
  does: 'Flows, configuration, read models, figures, dead letters, people and the audit.',
  commands: {
    'flow check': command({
      does: 'all that is wrong, with line and column (default: the flows of config/flows)',
      words: '[FILE…]',
      run: async ({ words }) => (await import('./flow.ts')).checkFiles(words),
    }),
    'flow test': command({
      does: 'plays a flow; answers from the keyboard, a pipe or a file, one a line',
      words: 'FILE',
      options: {
        language: {
          type: 'string',
          default: 'pt',
          value: 'LANGUAGE',
          does: 'in which the customer writes: pt, en, bn',
        },
        script: { type: 'string', value: 'FILE', does: 'the answers, instead of the keyboard' },
      },
      run: async ({ words: [file = ''], values }) => (await import('./flow.ts')).testFlow(file, values),
    }),
    'config check': command({
      does: 'all that is wrong in workforce.yaml and the files beside it, with line and column',
      words: '[FOLDER]',
      run: async ({ words }) => (await config())('check', words),
    }),
    'config diff': command({
      does: 'what workforce.yaml would change of what is in force',
      words: '[FOLDER]',
      notes: WHERE_WHAT_IS_IN_FORCE_IS,
      run: async ({ words }) => (await config())('diff', words),
    }),
    'config apply': command({
      does: 'puts workforce.yaml into force, at once and without a restart',
      words: '[FOLDER]',
      notes: `Refused, with the list, where somebody would be stranded. ${WHERE_WHAT_IS_IN_FORCE_IS}`,
      run: async ({ words }) => (await config())('apply', words),
    }),
    audit: command({
      does: 'who did what, newest first, 50 at a time',
      options: {
        person: { type: 'string', default: '', value: 'ID|LOGIN', does: 'by one person' },
        subject: {
          type: 'string',
          default: '',
          value: 'ID|LOGIN',
          does: 'done to one thing, or to one person',
        },
        type: { type: 'string', default: '', value: 'TYPE', does: 'of one type' },
        from: { type: 'string', value: 'TIME', does: 'at this time or later' },
        to: { type: 'string', value: 'TIME', does: 'before this time' },
        cursor: { type: 'string', default: '', value: 'CURSOR', does: 'older ones than those before' },
        json: { type: 'boolean', default: false, does: 'for machines' },
      },
      notes: WHERE_THE_ARCHIVE_IS,
      run: async ({ values }) => (await import('./audit.ts')).auditCommand(values),
    }),
    'dead-letters list': command({
      does: 'what could not be taken further, of each partition the newest; without its bytes',
      options: {
        last: { type: 'string', default: '50', value: 'N', does: 'so many of each partition' },
        json: { type: 'boolean', default: false, does: 'for machines' },
      },
      notes: WHERE_THE_STORES_ARE,
      run: async ({ values }) => (await deadLetters()).listDeadLetters(values),
    }),
    'dead-letters put-back': command({
      does: 'a command as it was, once what turned it away is mended; PLACE is that of `dead-letters list`',
      words: 'PLACE',
      notes: WHERE_THE_STORES_ARE,
      run: async ({ words: [place = ''] }) => (await deadLetters()).putBack(place),
    }),
    'projection list': command({
      does: 'read models of all services, and which version of each is live',
      run: async () => (await projection())('list', undefined),
    }),
    'projection rebuild': command({
      does: 'folds the log anew beside the live version, compares, and switches when they agree',
      words: 'NAME',
      among: PROJECTION_NAMES,
      options: {
        ...rate,
        anew: {
          type: 'boolean',
          default: false,
          does: 'begins a new version, and drops what was being built',
        },
        ...acceptDifferences,
      },
      notes: WHERE_THE_LOG_IS,
      run: async ({ words: [name], values: { rate, anew, 'accept-differences': isAccepted } }) =>
        (await projection())('rebuild', name, { rate, isAnew: anew, acceptDifferences: isAccepted }),
    }),
    'projection compare': command({
      does: 'the version that was built with the live one, once more; of one that is live, how it was when it became so',
      words: 'NAME',
      among: PROJECTION_NAMES,
      options: rate,
      notes: WHERE_THE_LOG_IS,
      run: async ({ words: [name], values }) => (await projection())('compare', name, { rate: values.rate }),
    }),
    'projection switch': command({
      does: 'to the version that was built and compared; after a rollback, forward again to the one that was left',
      words: 'NAME',
      among: PROJECTION_NAMES,
      options: acceptDifferences,
      run: async ({ words: [name], values }) =>
        (await projection())('switch', name, { acceptDifferences: values['accept-differences'] }),
    }),
    'projection rollback': command({
      does: 'to the version that was live before',
      words: 'NAME',
      among: PROJECTION_NAMES,
      run: async ({ words: [name] }) => (await projection())('rollback', name),
    }),
    'projection cancel': command({
      does: 'gives up the version that is being built, also one that another command is at work on',
      words: 'NAME',
      among: PROJECTION_NAMES,
      run: async ({ words: [name] }) => (await projection())('cancel', name),
    }),
    recount: command({
      does: 'recomputes the figures of a day from the raw archive, and compares them with those that are shown',
      options: {
        day: { type: 'string', value: 'YYYY-MM-DD', does: 'of the company’s time zone' },
        hours: { type: 'boolean', default: false, does: 'each hour of it instead of the whole' },
        json: { type: 'boolean', default: false, does: 'for machines' },
      },
      notes: `Exit 1 where they differ. ${WHERE_THE_ARCHIVE_IS}`,
      run: async ({ values: { day, hours, json } }) =>
        (await import('./recount.ts')).recountCommand(day, { isByHours: hours, isJson: json }),
    }),
    'people deactivate': command({
      does: 'ends their sessions and open pages; nobody signs in as them',
      words: 'LOGIN',
      notes: WHERE_THE_AGENT_IS,
      run: async ({ words }) => (await people())('deactivate', words),
    }),
    'people activate': command({
      does: 'they may sign in again',
      words: 'LOGIN',
      notes: WHERE_THE_AGENT_IS,
      run: async ({ words }) => (await people())('activate', words),
    }),
    'people roles': command({
      does: 'instead of the roles of people.yaml, with commas',
      words: 'LOGIN ROLES',
      notes: WHERE_THE_AGENT_IS,
      run: async ({ words }) => (await people())('roles', words),
    }),
  },
}

if (import.meta.main) {
  const code = await runProgram(PARLEY, process.argv.slice(2)).catch((error: unknown) => {
    if (!isServerAway(error)) throw error
    process.stderr.write(
      'parley: MongoDB went away in the middle of it. Look whether it is back (`npm run stack -- status`), and say it again: what was done stays. (UNAVAILABLE)\n',
    )
    return 1
  })
  // A pipe takes a large answer bit by bit, and an exit would cut the rest.
  await new Promise<void>((written) => process.stdout.write('', () => written()))
  process.exit(code)
}
