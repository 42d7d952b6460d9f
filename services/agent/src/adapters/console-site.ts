import {
  type Doorkeeper,
  EventStreams,
  type HttpSettings,
  type Logger,
  type StreamLimits,
  createHttpServer,
} from '@parley/service'
import type { FastifyInstance } from 'fastify'
import { type AuditRoutes, auditRoutes } from './audit-routes.ts'
import { type ConsoleRoutes, addConsoleRoutes } from './console-routes.ts'
import { type MetricsRoutes, metricsRoutes } from './metrics-routes.ts'
import { type SignInRoutes, addSignInRoutes } from './sign-in-routes.ts'

export interface ConsoleSite
  extends
    Omit<ConsoleRoutes, 'streams' | 'people'>,
    AuditRoutes,
    MetricsRoutes,
    Omit<SignInRoutes, 'people'> {
  readonly company: AuditRoutes['company']
  readonly people: ConsoleRoutes['people'] & SignInRoutes['people']
  readonly http: HttpSettings
  readonly limits: StreamLimits
  readonly log: Logger
  readonly doorkeeper: Doorkeeper
}

/** The console's server with all its routes, and the streams that are open there. */
export async function consoleSite(
  site: ConsoleSite,
): Promise<{ readonly app: FastifyInstance; readonly streams: EventStreams }> {
  const { http, limits, log, doorkeeper } = site
  const app = createHttpServer({ ...http, log, doorkeeper })
  const streams = new EventStreams(app, limits)
  await addConsoleRoutes(app, { ...site, streams })
  auditRoutes(app, site)
  metricsRoutes(app, site)
  addSignInRoutes(app, site)
  return { app, streams }
}
