import { didYouMean } from '@parley/authoring'
import { type ConfigFile, type ConfigProblem, contentOf, duplicatesIn } from '@parley/authoring/config-file'
import { queueName } from '@parley/authoring/queue-name'
import { z } from 'zod'
import { type Person, ROLES, type Team } from './person.ts'

/** A person as `people.yaml` has them. What operators change while the company works lies on top, in the agent service's store. */
export interface RosterPerson extends Person {
  /** Who vouches for them; null: the provider of the installation. */
  readonly issuer: string | null
  /** What that provider calls them (`sub`). Matched together with the issuer, for another provider may use the same word. */
  readonly subject: string
}

export interface Roster {
  readonly teams: ReadonlyMap<string, Team>
  /** By id. */
  readonly people: ReadonlyMap<string, RosterPerson>
}

const id = z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'only a-z, 0-9 and -, at most 40 characters')
const words = z.string().trim().min(1, 'it is empty').max(120, 'at most 120 characters')

const peopleSchema = z.strictObject({
  teams: z
    .array(
      z.strictObject({
        id,
        name: words,
        vendor: words.nullable().default(null),
        queues: z.array(queueName).min(1, 'a team serves at least one queue'),
      }),
    )
    .min(1, 'there is no team'),
  people: z
    .array(
      z.strictObject({
        id,
        login: z
          .string()
          .regex(/^[a-z0-9][a-z0-9._@-]{0,59}$/, 'only a-z, 0-9, ".", "_", "@" and -, at most 60 characters'),
        name: words,
        roles: z.array(z.enum(ROLES)).min(1, 'a person has at least one role'),
        // Never left out: a supervisor of no team sees everything, which nobody should become by an omission.
        team: id.nullable(),
        issuer: z.url().nullable().default(null),
        subject: words,
      }),
    )
    .min(1, 'there is nobody'),
})

type PeopleFile = z.output<typeof peopleSchema>

export const PEOPLE_FILE: ConfigFile<typeof peopleSchema> = {
  name: 'people.yaml',
  of: 'people',
  code: 'PEOPLE_FILE_INVALID',
  schema: peopleSchema,
}

/**
 * @param vendors Names of the staffing vendors among the processors of `company.yaml`: customers are told of them, so nobody else's
 *   staff may answer.
 * @throws {ConfigFileInvalid} with file, line and column of every problem
 */
export function readPeople(source: string, path: string, vendors: readonly string[]): Roster {
  return rosterOf(contentOf(PEOPLE_FILE, source, path, (file) => inconsistencies(file, vendors)))
}

function rosterOf({ teams, people }: PeopleFile): Roster {
  const byId = new Map(teams.map((team) => [team.id, team]))
  return {
    teams: byId,
    people: new Map(
      people.map((person) => [
        person.id,
        { ...person, vendor: person.team === null ? null : (byId.get(person.team)?.vendor ?? null) },
      ]),
    ),
  }
}

function inconsistencies(
  { teams, people }: PeopleFile,
  vendors: readonly string[],
): readonly ConfigProblem[] {
  const teamIds = teams.map((team) => team.id)
  return [
    ...hadAlready(
      'teams',
      'id',
      duplicatesIn(teams, ({ id }) => id),
    ),
    ...hadAlready(
      'people',
      'id',
      duplicatesIn(people, ({ id }) => id),
    ),
    ...hadAlready(
      'people',
      'login',
      duplicatesIn(people, ({ login }) => login),
    ),
    ...hadAlready(
      'people',
      'subject',
      duplicatesIn(people, ({ issuer, subject }) => JSON.stringify([issuer, subject])),
    ),
    ...teams.flatMap(({ vendor }, index) =>
      vendor === null || vendors.includes(vendor)
        ? []
        : [
            {
              path: ['teams', index, 'vendor'],
              why: `"${vendor}" is no staffing_vendor among the processors of company.yaml, so no customer was told of them${didYouMean(vendor, vendors)}`,
            },
          ],
    ),
    ...people.flatMap(({ team, roles }, index) => {
      const path = ['people', index, 'team']
      if (team === null)
        return roles.includes('agent') ? [{ path, why: 'an agent works in a team, which serves queues' }] : []
      return teamIds.includes(team)
        ? []
        : [{ path, why: `there is no team "${team}"${didYouMean(team, teamIds)}` }]
    }),
  ]
}

const hadAlready = (list: string, field: string, places: readonly number[]): readonly ConfigProblem[] =>
  places.map((index) => ({ path: [list, index, field], why: 'another one has it already' }))
