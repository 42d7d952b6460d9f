import type { AnyProjection } from '@parley/eventlog'

/** Reactors are not among them: what they did outside cannot be done anew. A service is loaded only for what it is asked for. */
export const PROJECTIONS: readonly {
  readonly name: string
  readonly service: string
  load(): Promise<AnyProjection>
}[] = [
  {
    name: 'transcripts',
    service: 'archive',
    load: async () => (await import('@parley/archive')).transcripts,
  },
  {
    name: 'audit',
    service: 'archive',
    load: async () => (await import('@parley/archive')).auditEntries,
  },
  {
    name: 'conversation_figures',
    service: 'archive',
    load: async () => (await import('@parley/archive')).conversationFigures(await timeZone()),
  },
  {
    name: 'pool_figures',
    service: 'archive',
    load: async () => (await import('@parley/archive')).poolFigures(await timeZone()),
  },
  {
    name: 'search',
    service: 'archive',
    load: async () => (await import('@parley/archive')).conversationSearch,
  },
  {
    name: 'conversations',
    service: 'agent',
    load: async () => (await import('@parley/agent')).consoleConversations,
  },
  {
    name: 'desk_pool',
    service: 'agent',
    load: async () => (await import('@parley/agent')).deskPool,
  },
  {
    name: 'evaluations',
    service: 'agent',
    load: async () => (await import('@parley/agent')).evaluationsRead,
  },
  {
    name: 'pool_configurations',
    service: 'routing',
    load: async () => (await import('@parley/routing')).poolConfigurations,
  },
  {
    name: 'queue_calendars',
    service: 'bot',
    load: async () => (await import('@parley/bot/queue-calendars')).queueCalendars,
  },
  {
    name: 'workforce_deadlines',
    service: 'routing',
    load: async () => (await import('@parley/routing')).workforceDeadlineProjection,
  },
  {
    name: 'conversation_deadlines',
    service: 'routing',
    load: async () => (await import('@parley/routing')).conversationDeadlineProjection,
  },
]

/** Hours and days of figures are the company's. */
async function timeZone(): Promise<string> {
  // Only here: the help names all projections, and must not load what connects to anything.
  const { operatedCompany } = await import('./operated.ts')
  return (await operatedCompany(process.env)).timeZone
}
