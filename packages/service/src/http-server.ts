import fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify'
import { PortNotFree } from './grpc-server.ts'
import { addTelemetry } from './http-telemetry.ts'
import type { Resource } from './lifecycle.ts'
import type { Logger } from './logger.ts'

export interface HttpServerOptions {
  readonly log?: Logger
  readonly bodyLimitBytes?: number
  /** For what a service needs beyond the defaults. */
  readonly fastify?: FastifyServerOptions
}

/** A route may override each of them. */
const SAFE_HEADERS: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'content-security-policy':
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
}

/** Fastify with a span and a measured duration per request, safe headers, and errors that tell the caller a code and no more. Logs no urls and no bodies. */
export function createHttpServer(options: HttpServerOptions = {}): FastifyInstance {
  const { log, bodyLimitBytes = 3 * 1024 * 1024 } = options
  const app = fastify({
    logger: false,
    bodyLimit: bodyLimitBytes,
    requestTimeout: 30_000,
    keepAliveTimeout: 65_000,
    forceCloseConnections: 'idle',
    ...options.fastify,
  })
  addTelemetry(app)
  app.addHook('onRequest', (_request, reply, done) => {
    reply.headers(SAFE_HEADERS)
    done()
  })

  app.setNotFoundHandler((_request, reply) =>
    reply.code(404).send({ code: 'NOT_FOUND', message: 'There is nothing here.' }),
  )
  app.setErrorHandler((error: Error & { statusCode?: number; code?: string }, request, reply) => {
    const statusCode = error.statusCode ?? 500
    if (statusCode < 500)
      return reply.code(statusCode).send({ code: error.code ?? 'BAD_REQUEST', message: error.message })
    log?.error(
      { code: 'HTTP_HANDLER_FAILED', method: request.method, route: request.routeOptions.url, err: error },
      'an HTTP request failed',
    )
    return reply
      .code(statusCode)
      .send({ code: 'INTERNAL', message: 'The service failed; its log has the error.' })
  })
  return app
}

/** Starts listening. Draining answers what was asked and closes; closing cuts what is left. */
export async function listen(
  app: FastifyInstance,
  host: string,
  port: number,
): Promise<Resource & { readonly port: number }> {
  try {
    await app.listen({ host, port })
  } catch (error) {
    throw new PortNotFree('HTTP', host, port, error)
  }
  const address = app.server.address()
  return {
    name: 'http',
    port: typeof address === 'object' && address !== null ? address.port : port,
    drain: async () => {
      // A connection that was answered after `close` began would else idle until its keep-alive ends.
      const sweep = setInterval(() => app.server.closeIdleConnections(), 50)
      try {
        await app.close()
      } finally {
        clearInterval(sweep)
      }
    },
    close: async () => {
      app.server.closeAllConnections()
      await app.close()
    },
  }
}
