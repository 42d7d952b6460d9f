import {
  type Doorkeeper,
  EventStreams,
  type HttpSettings,
  type Logger,
  type RecordAct,
  type StreamLimits,
  createHttpServer,
} from '@parley/service'
import type { FastifyInstance } from 'fastify'
import { type AlertRoutes, addAlertRoutes } from './alerts/routes.ts'
import { type AuditRoutes, auditRoutes } from './archive/audit-routes.ts'
import { type ConsoleRoutes, addConsoleRoutes } from './console-routes.ts'
import { addChangeRoutes } from './desk-changes/change-routes.ts'
import type { DeskChanges } from './desk-changes/desk-changes.ts'
import { addDeskCustomer } from './desk/customer.ts'
import { deskPage } from './desk/page.ts'
import { namesOf } from './desk/sight.ts'
import { type DeskRoutes, addDeskRoutes } from './desk/routes.ts'
import { type EvaluationRoutes, addEvaluationRoutes } from './judging/routes.ts'
import { type MediaRoutes, addMediaRoutes } from './media/routes.ts'
import type { Names } from './company-files/names-file.ts'
import type { QuickReply } from './company-files/quick-replies-file.ts'
import { type DeskSettingsStore, addDeskSettings } from './desk/settings.ts'
import { addMeRoutes } from './desk/me-routes.ts'
import { type MetricsRoutes, metricsRoutes } from './archive/figures-routes.ts'
import { openings } from './desk/openings.ts'
import { type SearchRoutes, searchRoutes } from './archive/search-routes.ts'
import { type WallboardRoutes, addWallboardRoutes } from './wallboard/routes.ts'
import { type TranscriptLinkRoutes, addTranscriptLinks } from './archive/transcript-links.ts'
import { type SignInRoutes, addSignInRoutes } from './sign-in/routes.ts'

export interface ConsoleSite
  extends
    Omit<ConsoleRoutes, 'streams' | 'people'>,
    AuditRoutes,
    Omit<MetricsRoutes, 'record' | 'name'>,
    SearchRoutes,
    TranscriptLinkRoutes,
    Omit<SignInRoutes, 'people' | 'desks'> {
  readonly company: AuditRoutes['company']
  readonly people: ConsoleRoutes['people'] & SignInRoutes['people']
  readonly desk: Omit<DeskRoutes, 'opened'> &
    DeskChanges &
    Omit<MediaRoutes, 'opened'> & { readonly record: RecordAct; readonly sessions: SignInRoutes['desks'] }
  readonly judging: Omit<EvaluationRoutes, 'now'>
  readonly http: HttpSettings
  readonly limits: StreamLimits
  readonly log: Logger
  readonly doorkeeper: Doorkeeper
  readonly quickReplies: readonly QuickReply[]
  readonly names: Names
  readonly wallboard: Omit<WallboardRoutes, 'roster' | 'names' | 'record' | 'publicUrl'>
  readonly alerts: Pick<AlertRoutes, 'alerts' | 'changed'>
  readonly deskSettings: Pick<DeskSettingsStore, 'of' | 'keep'>
}

/** The console's server with all its routes, and the streams that are open there. */
export async function consoleSite(
  site: ConsoleSite,
): Promise<{ readonly app: FastifyInstance; readonly streams: EventStreams }> {
  const { http, limits, log, doorkeeper } = site
  const app = createHttpServer({ ...http, log, doorkeeper })
  const streams = new EventStreams(app, limits)
  const desk = { ...site.desk, opened: openings(site.desk.record) }
  await addConsoleRoutes(app, { ...site, streams })
  auditRoutes(app, site)
  metricsRoutes(app, { ...site, record: site.desk.record, name: namesOf(site.desk.roster) })
  searchRoutes(app, site)
  addTranscriptLinks(app, site)
  deskPage(app)
  addDeskSettings(app, site)
  addDeskCustomer(app, desk)
  addDeskRoutes(app, streams, desk)
  addMeRoutes(app, {
    feed: site.desk.feed,
    roster: site.desk.roster,
    quickReplies: site.quickReplies,
    names: site.names,
    company: site.company,
  })
  addWallboardRoutes(app, streams, {
    ...site.wallboard,
    record: site.desk.record,
    roster: site.desk.roster,
    names: site.names,
    publicUrl: site.publicUrl,
  })
  addAlertRoutes(app, { ...site.desk, ...site.alerts, now: site.now })
  addChangeRoutes(app, site.desk)
  addEvaluationRoutes(app, site.desk, { ...site.judging, now: site.now })
  addMediaRoutes(app, desk)
  addSignInRoutes(app, { ...site, desks: site.desk.sessions })
  return { app, streams }
}
