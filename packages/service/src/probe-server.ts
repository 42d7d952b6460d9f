import type { FastifyInstance } from 'fastify'
import { createHttpServer, listen } from './http/server.ts'
import type { Resource } from './lifecycle.ts'

export interface Probes {
  readonly isReady: () => boolean
  /** What it waits for; empty when it is ready. */
  readonly notReady: () => readonly string[]
  /** Readers that get no further on some partition. They do not make the service unready: what else it does, it can still do. */
  readonly stuck: () => readonly string[]
  /** Prometheus' text format. */
  readonly scrape: () => Promise<string>
}

/** https://prometheus.io/docs/instrumenting/exposition_formats/ */
const PROMETHEUS_TEXT = 'text/plain; version=0.0.4; charset=utf-8'

/**
 * /livez, /readyz and /metrics on a port of their own, so that no proxy in front of the service can let strangers in to them.
 * It listens before the service starts and until it has stopped.
 */
export async function startProbeServer(
  probes: Probes,
  { host, port, hosts }: { readonly host: string; readonly port: number; readonly hosts: readonly string[] },
): Promise<Resource & { readonly port: number }> {
  return listen(probeServer(probes, hosts), host, port)
}

export function probeServer(probes: Probes, hosts: readonly string[]): FastifyInstance {
  const app = createHttpServer({ hosts, fastify: { forceCloseConnections: true } })
  const config = { access: 'probe' } as const
  app.get('/livez', { config }, async () => ({ status: 'live' }))
  app.get('/readyz', { config }, (_request, reply) =>
    reply.code(probes.isReady() ? 200 : 503).send({
      status: probes.isReady() ? 'ready' : 'not ready',
      notReady: probes.notReady(),
      stuck: probes.stuck(),
    }),
  )
  app.get('/metrics', { config }, async (_request, reply) =>
    reply.type(PROMETHEUS_TEXT).send(await probes.scrape()),
  )
  return app
}
