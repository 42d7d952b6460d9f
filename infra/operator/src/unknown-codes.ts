import type { Names } from '@parley/agent/names'
import { type YamlPath, didYouMean } from '@parley/authoring'
import type { ConfigProblem } from '@parley/authoring/config-file'
import { CLOSED_BY_RULES } from '@parley/conversation'
import type { Scorecards } from '@parley/evaluation'
import type { Roster } from '@parley/people'
import type { PoolConfiguration } from '@parley/proto/workforce-configuration'

/** A code in a file beside workforce.yaml that stands neither there nor in a flow. */
export interface UnknownCode extends ConfigProblem {
  /** The record has codes for ever, so one of before keeps its name, and who may see it: it is told, and nothing is wrong. */
  readonly mayBeOfBefore: boolean
}

export function unknownInNames(names: Names, { queues, flows }: PoolConfiguration): readonly UnknownCode[] {
  return [
    ...named('queues', names.queues, namesOf(queues), 'queue'),
    ...named('close_reasons', names.closeReasons, [...reasonsOf(queues), ...CLOSED_BY_RULES], 'close reason'),
    ...named(
      'flows',
      names.flows,
      flows.map(({ id }) => id),
      'flow',
    ),
    ...named(
      'steps',
      names.steps,
      flows.flatMap(({ steps }) => steps),
      'step',
    ),
  ]
}

export function unknownInTeams({ teams }: Roster, { queues }: PoolConfiguration): readonly UnknownCode[] {
  return [...teams.values()].flatMap((team, at) =>
    unknownIn(
      team.queues.map((code, nth) => ({ code, path: ['teams', at, 'queues', nth] })),
      namesOf(queues),
      'queue',
    ),
  )
}

/** What is to be judged from now on: a code of before draws nothing. */
export function unknownInSamples(
  { samples }: Pick<Scorecards, 'samples'>,
  { queues }: PoolConfiguration,
): readonly UnknownCode[] {
  return samples.flatMap(({ queue, reasons }, at) => {
    const drawnFrom = queues.filter(({ name }) => name === queue)
    const known = [...reasonsOf(drawnFrom.length > 0 ? drawnFrom : queues), ...CLOSED_BY_RULES]
    const where = drawnFrom.length > 0 ? ` in queue "${queue}"` : ''
    return [
      ...(queue === null || drawnFrom.length > 0
        ? []
        : [
            wrong(
              ['samples', at, 'queue'],
              `there is no queue "${queue}"${didYouMean(queue, namesOf(queues))}`,
            ),
          ]),
      ...reasons.flatMap((reason, nth) =>
        known.includes(reason)
          ? []
          : [
              wrong(
                ['samples', at, 'reasons', nth],
                `there is no close reason "${reason}"${where}${didYouMean(reason, known)}`,
              ),
            ],
      ),
    ]
  })
}

type Queues = PoolConfiguration['queues']
const namesOf = (queues: Queues): readonly string[] => queues.map(({ name }) => name)
const reasonsOf = (queues: Queues): readonly string[] => queues.flatMap(({ closeReasons }) => closeReasons)

const wrong = (path: YamlPath, why: string): UnknownCode => ({ path, why, mayBeOfBefore: false })

const named = (section: string, names: Names[keyof Names], known: readonly string[], what: string) =>
  unknownIn(
    Object.keys(names).map((code) => ({ code, path: [section, code], by: 'key' as const })),
    known,
    what,
  )

/** What is near to a code that the list lacks was meant to be that one. */
function unknownIn(
  listed: readonly ({ readonly code: string } & Pick<ConfigProblem, 'path' | 'by'>)[],
  known: readonly string[],
  what: string,
): readonly UnknownCode[] {
  const codes = listed.map(({ code }) => code)
  const lacking = known.filter((code) => !codes.includes(code))
  return listed
    .filter(({ code }) => !known.includes(code))
    .map(({ code, ...place }) => {
      const meant = didYouMean(code, lacking)
      return {
        ...place,
        why: `there is no ${what} "${code}"${meant || '. One of before may stay: the record has it'}`,
        mayBeOfBefore: meant === '',
      }
    })
}
