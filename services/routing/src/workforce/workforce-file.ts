import { createHash } from 'node:crypto'
import { type YamlPath, didYouMean } from '@parley/authoring'
import { type ConfigFile, type ConfigProblem, contentOf } from '@parley/authoring/config-file'
import { queueName } from '@parley/authoring/queue-name'
import { LANGUAGES, type Language } from '@parley/conversation'
import type { Person, Roster } from '@parley/people'
import { type FlowConfiguration, PoolConfiguration } from '@parley/proto/workforce-configuration'
import { z } from 'zod'
import { queueTexts } from '../company/company.ts'
import { WEEKDAYS, opening, timezone } from '../company/opening-hours.ts'
import { zoneOffsets } from '../company/zone-offsets.ts'
import { alertProblems, alertRules, alertSchema } from './alerts-section.ts'

/** A flow of the robot, as far as a pool knows it. */
export type FlowPoints = Pick<FlowConfiguration, 'id' | 'steps'>

const name = z.string().regex(/^[a-z][a-z0-9_-]{0,39}$/, 'only a-z, 0-9, _ and -, beginning with a letter')
const seconds = (least: number, most = 7 * 24 * 60 * 60) =>
  z.number().int().min(least, `at least ${least}`).max(most, `at most ${most}`)
const skills = z.record(name, z.number().int().min(1, 'from 1 to 5').max(5, 'from 1 to 5'))
const languages = z.array(z.enum(LANGUAGES)).min(1, 'at least one language')
const capacity = z.number().int().min(1, 'at least 1').max(100, 'at most 100')

/** What comes while it is closed: asked whether to be written to or to leave it, or only told when it opens, or sent on at once. */
const OUTSIDE_HOURS = ['ask', 'wait', 'overflow'] as const

/** With its question and place WhatsApp takes 1,024 characters of a message with buttons. */
const TEXT_CHARACTERS_MAX = 600

const textsSchema = z
  .strictObject({ pt: queueTexts, en: queueTexts, bn: queueTexts })
  .superRefine((texts, context) => {
    const keys = new Set(LANGUAGES.flatMap((language) => Object.keys(texts[language])))
    for (const language of LANGUAGES)
      for (const key of keys as Set<keyof typeof texts.pt>) {
        const text = texts[language][key]
        if (text === undefined)
          context.addIssue({
            code: 'custom',
            path: [language],
            message: `${key} is missing: customers are written to in each of ${LANGUAGES.join(', ')}`,
          })
        else if (Array.from(text).length > TEXT_CHARACTERS_MAX)
          context.addIssue({
            code: 'custom',
            path: [language, key],
            message: `at most ${TEXT_CHARACTERS_MAX} characters`,
          })
      }
  })

const queueSchema = z.strictObject({
  required: skills.default({}),
  wished: skills.default({}),
  priority_minutes: z.number().int().min(0).max(1440, 'at most a day').default(0),
  weight: z.number().int().min(1, 'at least 1').max(10, 'at most 10').default(1),
  offer_seconds: seconds(5, 600).default(20),
  auto_accept: z.boolean().default(false),
  claimable: z.boolean().default(true),
  rings: z
    .array(
      z.strictObject({
        after_seconds: seconds(1),
        without: z.array(name).default([]),
        any_language: z.boolean().default(false),
      }),
    )
    .default([]),
  overflow: z
    .strictObject({ after_seconds: seconds(1), to: queueName })
    .nullable()
    .default(null),
  wrap_up_seconds: seconds(0, 3600).default(0),
  service_level_seconds: seconds(1).default(60),
  survey: z.boolean().default(false),
  close_reasons: z.array(name).min(1, 'at least one reason, or nothing can be closed'),
  timezone: timezone.nullable().default(null),
  hours: z.partialRecord(z.enum(WEEKDAYS), opening).nullable().default(null),
  holidays: z.array(z.iso.date('write YYYY-MM-DD, in quotes')).default([]),
  outside_hours: z.enum(OUTSIDE_HOURS).default('ask'),
  texts: textsSchema.nullable().default(null),
})

const agentSchema = z.strictObject({
  queues: z.array(queueName).min(1, 'at least one queue').optional(),
  languages: languages.optional(),
  skills: skills.optional(),
  capacity: capacity.optional(),
})

const percent = z.number().int().min(0, 'from 0 to 100').max(100, 'from 0 to 100')

const wallboardSchema = z.strictObject({
  waiting_max: z.number().int().min(0).optional(),
  longest_wait_seconds_max: seconds(1).optional(),
  service_level_percent_min: percent.optional(),
  abandoned_percent_max: percent.optional(),
  containment_percent_min: percent.optional(),
})

const schema = z.strictObject({
  grace_seconds: seconds(1, 3600).default(60),
  outage_grace_seconds: seconds(1, 3600).default(300),
  offer_again_seconds: seconds(1, 3600).default(30),
  sticky_seconds: seconds(0).default(120),
  reopen_minutes: z.number().int().min(0).max(1440, 'at most a day').default(30),
  skills: z.array(name).default([]),
  wallboard: wallboardSchema.default({}),
  alerts: z.record(name, alertSchema).default({}),
  queues: z.record(queueName, queueSchema).refine((all) => Object.keys(all).length > 0, 'there is no queue'),
  teams: z.record(z.string(), agentSchema).default({}),
  agents: z.record(z.string(), agentSchema).default({}),
})

type WorkforceFile = z.output<typeof schema>

export const WORKFORCE_FILE: ConfigFile<typeof schema> = {
  name: 'workforce.yaml',
  of: 'the workforce',
  code: 'WORKFORCE_FILE_INVALID',
  schema,
}

/**
 * What workforce.yaml says, worked out for those who decide by it.
 * @param roster Of people.yaml: its agents are the agents here, and work in its teams' queues.
 * @param flows Where agents may give a conversation back to.
 * @throws {ConfigFileInvalid} with file, line and column of every problem
 */
export function readWorkforce(
  source: string,
  path: string,
  roster: Roster,
  flows: readonly FlowPoints[] = [],
): PoolConfiguration {
  const file = contentOf(WORKFORCE_FILE, source, path, (said) => inconsistencies(said, roster))
  return configurationOf(file, roster, flows)
}

function inconsistencies(data: WorkforceFile, roster: Roster): readonly ConfigProblem[] {
  const { queues, agents, teams } = data
  const queueNames = Object.keys(queues)
  const problems: ConfigProblem[] = []
  const known = (path: YamlPath, word: string, words: readonly string[], what: string): void => {
    if (!words.includes(word))
      problems.push({ path, why: `there is no ${what} "${word}"${didYouMean(word, words)}` })
  }
  const knownSkills = (path: YamlPath, all: Readonly<Record<string, number>> = {}): void => {
    for (const skill of Object.keys(all)) known([...path, skill], skill, data.skills, 'skill')
  }
  for (const [queue, of] of Object.entries(queues)) {
    const { required, wished, rings, overflow, hours, holidays, timezone: zone, outside_hours: outside } = of
    const at = ['queues', queue]
    knownSkills([...at, 'required'], required)
    knownSkills([...at, 'wished'], wished)
    for (const [index, ring] of rings.entries()) {
      for (const [nth, skill] of ring.without.entries())
        known([...at, 'rings', index, 'without', nth], skill, data.skills, 'skill')
      if (index > 0 && ring.after_seconds <= rings[index - 1]!.after_seconds)
        problems.push({
          path: [...at, 'rings', index, 'after_seconds'],
          why: 'a ring begins after the one before it',
        })
    }
    if (overflow !== null) {
      known([...at, 'overflow', 'to'], overflow.to, queueNames, 'queue')
      if (comesBack(queues, queue))
        problems.push({ path: [...at, 'overflow', 'to'], why: 'it leads back to this queue' })
    }
    if (outside === 'overflow' && overflow === null)
      problems.push({ path: [...at, 'outside_hours'], why: 'it has no overflow to go to' })
    if (hours !== null && zone === null)
      problems.push({ path: [...at, 'hours'], why: 'hours need a timezone beside them' })
    if (hours !== null && Object.values(hours).every((spans) => spans.length === 0))
      problems.push({ path: [...at, 'hours'], why: 'no day is open' })
    if (holidays.length > 0 && zone === null)
      problems.push({ path: [...at, 'holidays'], why: 'holidays need a timezone beside them' })
  }

  const teamIds = [...roster.teams.keys()]
  problems.push(...alertProblems(data.alerts, { queues: queueNames, teams: teamIds }, known))
  for (const [team, defaults] of Object.entries(teams)) {
    known(['teams', team], team, teamIds, 'team in people.yaml')
    problems.push(...unknownIn(['teams', team], defaults))
  }
  const ids = agentIdsOf(roster)
  for (const [id, own] of Object.entries(agents)) {
    known(['agents', id], id, ids, 'agent in people.yaml')
    problems.push(...unknownIn(['agents', id], own))
  }
  if (problems.length > 0) return problems

  const whole = agentsOf(data, roster)
  for (const { id, team, queues: served } of whole)
    for (const queue of served ?? [])
      if (roster.teams.get(team)?.queues.includes(queue) !== true)
        problems.push({
          path: Object.hasOwn(agents, id) ? ['agents', id, 'queues'] : ['teams', team, 'queues'],
          why: `${id} would be offered what they may not see: in people.yaml team "${team}" does not serve "${queue}"`,
        })
  for (const { id, team, ...agent } of whole)
    for (const field of ['queues', 'languages', 'capacity'] as const)
      if (agent[field] === undefined)
        problems.push({
          path: ['agents', id],
          why: `agent ${id} has no ${field}: say it here, or for all of team "${team}" under teams`,
        })
  for (const [queue, { required, rings, overflow, weight }] of Object.entries(queues)) {
    const serving = whole.filter(({ queues: served = [] }) => served.includes(queue))
    const dropped = new Set(rings.flatMap(({ without }) => without))
    const able = serving.filter(
      ({ skills: has = {}, capacity: room = 0 }) =>
        room >= weight &&
        Object.entries(required).every(([skill, level]) => dropped.has(skill) || (has[skill] ?? 0) >= level),
    )
    if (serving.length === 0) problems.push({ path: ['queues', queue], by: 'key', why: 'nobody serves it' })
    else if (able.length === 0 && overflow === null)
      problems.push({
        path: ['queues', queue],
        by: 'key',
        why: 'nobody who serves it has its required skills and room for its weight, no ring asks for less, and it does not overflow',
      })
    else if (overflow === null && !rings.some(({ any_language: any }) => any))
      for (const language of LANGUAGES)
        if (!able.some(({ languages: spoken = [] }) => spoken.includes(language)))
          problems.push({
            path: ['queues', queue],
            by: 'key',
            why: `nobody who may take what waits in it speaks ${language}: a customer who does would wait for ever. Add ${language} to the languages of an agent who may take it, or give the queue a ring with any_language: true, or an overflow`,
          })
  }
  return problems

  function unknownIn(path: YamlPath, agent: z.output<typeof agentSchema>): readonly ConfigProblem[] {
    const before = problems.length
    for (const [index, queue] of (agent.queues ?? []).entries())
      known([...path, 'queues', index], queue, queueNames, 'queue')
    knownSkills([...path, 'skills'], agent.skills)
    return problems.splice(before)
  }
}

function comesBack(queues: WorkforceFile['queues'], from: string): boolean {
  const seen = new Set<string>()
  for (let queue = queues[from]?.overflow?.to; queue !== undefined; queue = queues[queue]?.overflow?.to) {
    if (queue === from) return true
    if (seen.has(queue)) return false
    seen.add(queue)
  }
  return false
}

function agentIdsOf({ people }: Roster): readonly string[] {
  return [...people.values()].filter(({ roles }) => roles.includes('agent')).map(({ id }) => id)
}

const isSupervisor = (person: Person | undefined): boolean => person?.roles.includes('supervisor') === true

/** Everybody who has the role, with what is said of them and, where that is nothing, of their team. */
function agentsOf({ teams, agents }: WorkforceFile, roster: Roster) {
  return agentIdsOf(roster).map((id) => {
    const team = roster.people.get(id)!.team ?? ''
    const defaults = Object.hasOwn(teams, team) ? teams[team] : undefined
    const own = Object.hasOwn(agents, id) ? agents[id] : undefined
    return { id, team, ...defaults, ...own }
  })
}

function configurationOf(
  data: WorkforceFile,
  roster: Roster,
  flows: readonly FlowPoints[],
): PoolConfiguration {
  const levels = (all: Readonly<Record<string, number>> = {}) =>
    Object.entries(all).map(([skill, level]) => ({ name: skill, level }))
  const zones = new Set(
    Object.values(data.queues).flatMap(({ timezone: zone }) => (zone === null ? [] : [zone])),
  )
  const configuration = PoolConfiguration.fromPartial({
    graceSeconds: data.grace_seconds,
    outageGraceSeconds: data.outage_grace_seconds,
    offerAgainSeconds: data.offer_again_seconds,
    stickySeconds: data.sticky_seconds,
    reopenSeconds: data.reopen_minutes * 60,
    flows: flows.map(({ id, steps }) => ({ id, steps: [...steps] })),
    targets: {
      waitingMax: data.wallboard.waiting_max,
      longestWaitSecondsMax: data.wallboard.longest_wait_seconds_max,
      serviceLevelPercentMin: data.wallboard.service_level_percent_min,
      abandonedPercentMax: data.wallboard.abandoned_percent_max,
      containmentPercentMin: data.wallboard.containment_percent_min,
    },
    alerts: alertRules(data.alerts),
    zones: [...zones].map((zone) => ({ name: zone, offsets: zoneOffsets(zone) })),
    queues: Object.entries(data.queues).map(([queue, of]) => ({
      name: queue,
      requiredSkills: levels(of.required),
      wishedSkills: levels(of.wished),
      priorityMinutes: of.priority_minutes,
      weight: of.weight,
      offerSeconds: of.offer_seconds,
      autoAccepts: of.auto_accept,
      isClaimable: of.claimable,
      rings: of.rings.map((ring) => ({
        afterSeconds: ring.after_seconds,
        withoutSkills: ring.without,
        anyLanguage: ring.any_language,
      })),
      overflowQueue: of.overflow?.to ?? '',
      overflowSeconds: of.overflow?.after_seconds ?? 0,
      wrapUpSeconds: of.wrap_up_seconds,
      serviceLevelSeconds: of.service_level_seconds,
      closeReasons: of.close_reasons,
      asksSurvey: of.survey,
      hours: openSpans(of),
      zone: of.timezone ?? '',
      holidays: of.holidays,
      outsideHours: of.outside_hours,
      texts: of.texts === null ? [] : LANGUAGES.map((language) => ownTexts(language, of.texts![language])),
    })),
    agents: [
      ...agentsOf(data, roster).map(({ id, team, queues = [], ...of }) => ({
        id,
        team,
        queues,
        skills: levels(of.skills),
        languages: of.languages ?? [],
        capacity: of.capacity ?? 1,
        isSupervisor: isSupervisor(roster.people.get(id)),
      })),
      // Nothing is offered to them; they take over.
      ...[...roster.people.values()]
        .filter((person) => isSupervisor(person) && !person.roles.includes('agent'))
        .map(({ id, team }) => ({ id, team: team ?? '', isSupervisor: true })),
    ],
  })
  const bytes = PoolConfiguration.encode(configuration).finish()
  return { ...configuration, hash: createHash('sha256').update(bytes).digest('hex') }
}

const ownTexts = (language: Language, said: z.output<typeof queueTexts>) => ({
  language,
  waitingNotice: said.waiting_notice ?? '',
  closedChoice: said.closed_choice ?? '',
  callBackButton: said.call_back_button ?? '',
  leaveButton: said.leave_button ?? '',
  callBackNoted: said.call_back_noted ?? '',
  takenOver: said.taken_over ?? '',
})

/** Without hours it is open day and night, on all days but its holidays. */
function openSpans({ hours, holidays }: z.output<typeof queueSchema>) {
  if (hours === null && holidays.length === 0) return []
  return WEEKDAYS.flatMap((day, index) => {
    const weekday = index + 1
    if (hours === null) return [{ weekday, fromMinute: 0, toMinute: 24 * 60 }]
    return (hours[day] ?? []).map(({ from, to }) => ({
      weekday,
      fromMinute: minutesOf(from),
      toMinute: minutesOf(to),
    }))
  })
}

function minutesOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number)
  return hours * 60 + minutes
}
