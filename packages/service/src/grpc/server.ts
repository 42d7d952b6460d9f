import type { Server as NetServer } from 'node:net'
import {
  type Metadata,
  Server,
  type ServerUnaryCall,
  type ServiceDefinition,
  type UntypedServiceImplementation,
  type sendUnaryData,
  logVerbosity,
  setLogVerbosity,
  status,
} from '@grpc/grpc-js'
import { SpanKind } from '@opentelemetry/api'
import { type Caller, permittedCallers } from './access.ts'
import { HEALTH_SERVICE, guard, guardDeadlines, guardUnknownMethods, type Admitted } from './guard.ts'
import { healthService } from './health.ts'
import type { GrpcIdentity } from './identity.ts'
import { type RefusedCall, refusedCalls } from './refused-calls.ts'
import { GRPC_MESSAGE_BYTES_MAX, GrpcError, grpcError, toWire } from './status.ts'
import type { RecordAct } from '../audit-recorder.ts'
import { limitConnections } from '../http/limits.ts'
import type { Resource } from '../lifecycle.ts'
import type { Logger } from '../logger.ts'
import { durations } from '../telemetry/metrics.ts'
import { markFailed, withSpan } from '../telemetry/spans.ts'

interface UnaryMethod {
  readonly path: string
  readonly requestStream: boolean
  readonly responseStream: boolean
  // oxlint-disable-next-line typescript/no-explicit-any -- any service of ts-proto fits
  readonly requestDeserialize: (bytes: Buffer) => any
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly responseSerialize: (response: any) => Buffer
}
type Methods = Readonly<Record<string, UnaryMethod>>

export interface GrpcCallContext {
  /** Aborts when the caller gave up or its deadline passed. */
  readonly signal: AbortSignal
  readonly caller: Caller
  /** The id of the person for whom the caller calls; `permits` said yes. */
  readonly person: string | undefined
  /** Who is at the terminal, for the audit: what they call themselves, so it goes where words go and no log line has it. */
  readonly operator: string | undefined
}

/** May this person have this done, seen from the service that is called? Whoever calls asked too: a caller that was taken over must not be enough. */
export type Permits = (person: string, path: string, request: unknown) => boolean | Promise<boolean>

/** One async function per method; throw `grpcError(...)` for what the caller should know. */
export type GrpcHandlers<Definition extends Methods> = {
  readonly [Name in keyof Definition]: (
    request: ReturnType<Definition[Name]['requestDeserialize']>,
    metadata: Metadata,
    call: GrpcCallContext,
  ) => Promise<Parameters<Definition[Name]['responseSerialize']>[0]>
}

export interface GrpcService {
  readonly name: string
  readonly definition: Methods
  readonly handlers: GrpcHandlers<Methods>
}

/** @param definition as ts-proto generates it, e.g. `AgentServiceService` */
export function grpcService<Definition extends Methods>(
  definition: Definition,
  handlers: GrpcHandlers<Definition>,
): GrpcService {
  const path = Object.values(definition)[0]?.path ?? ''
  return {
    name: path.split('/')[1] ?? '',
    definition,
    handlers: handlers,
  }
}

/** What connections may take. Whoever holds one shows who they are only with a call. */
export interface GrpcLimits {
  /** In all, and from one address. */
  readonly connectionsMax: number
  readonly connectionsPerAddressMax: number
  /** Calls under way on one connection. */
  readonly callsPerConnectionMax: number
  /** One that says nothing for this long is asked whether it is there, and ended where it does not answer. */
  readonly askedAfterMs: number
  readonly answeredWithinMs: number
  /** One on which no call is under way is ended. Our clients leave before (`CLIENT_IDLE_MS`). */
  readonly idleMs: number
}

const LIMITS: GrpcLimits = {
  connectionsMax: 1_000,
  connectionsPerAddressMax: 500,
  callsPerConnectionMax: 1_000,
  askedAfterMs: 30_000,
  answeredWithinMs: 10_000,
  idleMs: 5 * 60_000,
}

export interface GrpcServerOptions {
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  readonly services: readonly GrpcService[]
  readonly isReady: () => boolean
  readonly identity: GrpcIdentity
  /** Default: nothing is done for people. */
  readonly permits?: Permits
  /** Who is refused leaves a trace. */
  readonly record?: RecordAct
  readonly limits?: Partial<GrpcLimits>
  readonly log?: Logger
}

/**
 * A gRPC server, listening, that lets in whom `access.ts` names. Health is open, and reflection is there for who is let in, each by its setting.
 * @throws {GrpcAccessMissing}
 */
export async function startGrpcServer(
  options: GrpcServerOptions,
): Promise<Resource & { readonly port: number }> {
  const { host, services, log, identity } = options
  // grpc-js writes what it cannot read of a call's headers to the error output, before anybody asks who calls: strangers' words, our tokens.
  setLogVerbosity(logVerbosity.NONE)
  // Both read .proto files while they are loaded, a tenth of all that a start does: here, where readers join their groups meanwhile.
  const [{ service: healthDefinition }, reflection] = await Promise.all([
    import('grpc-health-check'),
    identity.showsMethods ? import('./reflection.ts') : undefined,
  ])
  const tellRefused = refusedCalls(options.record, log)
  const { interceptor, admitted } = guard(identity, tellRefused)
  const limits = { ...LIMITS, ...options.limits }
  const server = new Server({
    interceptors: [interceptor],
    'grpc.max_concurrent_streams': limits.callsPerConnectionMax,
    'grpc.keepalive_time_ms': limits.askedAfterMs,
    'grpc.keepalive_timeout_ms': limits.answeredWithinMs,
    'grpc.max_connection_idle_ms': limits.idleMs,
    'grpc.max_receive_message_length': GRPC_MESSAGE_BYTES_MAX,
    'grpc.max_send_message_length': GRPC_MESSAGE_BYTES_MAX,
  })
  const serviceNames = services.map(({ name }) => name)
  const shown = identity.tellsHealth ? [...serviceNames, HEALTH_SERVICE] : serviceNames
  guardUnknownMethods(server, reflection && (() => reflection.addReflection(server, shown)))
  const doors = { admitted, permits: options.permits, tellRefused, log }
  for (const { definition, handlers } of services)
    server.addService(definition as unknown as ServiceDefinition, unaryHandlers(definition, handlers, doors))
  const health = healthService(serviceNames, options.isReady)
  if (identity.tellsHealth) server.addService(healthDefinition, health.implementation)

  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync(
      `${host.includes(':') ? `[${host}]` : host}:${options.port}`,
      identity.server,
      (error, bound) => {
        if (error === null) resolve(bound)
        else reject(new PortNotFree('gRPC', host, options.port, error))
      },
    ),
  )
  for (const listener of listenersOf(server)) {
    limitConnections(listener, { ...limits, trustedProxies: [] })
    guardDeadlines(listener)
  }
  return {
    name: 'grpc',
    port,
    drain: async () => {
      health.stop()
      await new Promise<void>((resolve) => server.tryShutdown(() => resolve()))
    },
    close: async () => {
      health.stop()
      server.forceShutdown()
    },
  }
}

/** grpc-js has no limit of connections; the sockets that listen for it have one. */
const listenersOf = (server: Server): Iterable<NetServer> =>
  (server as unknown as { readonly http2Servers: ReadonlyMap<NetServer, unknown> }).http2Servers.keys()

export class PortNotFree extends Error {
  readonly code = 'PORT_NOT_FREE'
  constructor(protocol: string, host: string, port: number, cause: unknown) {
    super(
      `Cannot listen for ${protocol} on ${host}:${port}. Another program may hold the port, or the address is not this machine's. ` +
        'Stop that program or set another port.',
      { cause },
    )
  }
}

/** A method that nobody thought about must not be open to all, nor closed without a word. */
class GrpcAccessMissing extends Error {
  readonly code = 'GRPC_ACCESS_MISSING'
  constructor(path: string) {
    super(
      `${path} may be called by nobody that is known: say in packages/service/src/grpc/access.ts who may, and in docs/reference/grpc-access.md.`,
    )
  }
}

interface Doors {
  admitted(metadata: Metadata): Admitted
  readonly permits: Permits | undefined
  tellRefused(call: RefusedCall): void
  readonly log: Logger | undefined
}

function unaryHandlers(
  definition: Methods,
  handlers: GrpcHandlers<Methods>,
  { admitted, permits, tellRefused, log }: Doors,
): UntypedServiceImplementation {
  const measure = durations('rpc.server.call.duration', 'From a gRPC call to its answer.')
  const implementation: UntypedServiceImplementation = {}
  for (const [name, method] of Object.entries(definition)) {
    if (method.requestStream || method.responseStream)
      throw new Error(`${method.path} streams: only unary methods are served.`)
    if (permittedCallers(method.path) === undefined) throw new GrpcAccessMissing(method.path)
    const handle = handlers[name]
    if (handle === undefined) throw new Error(`${method.path} has no handler.`)
    const [, rpcService = '', rpcMethod = ''] = method.path.split('/')
    implementation[name] = (call: ServerUnaryCall<unknown, unknown>, answer: sendUnaryData<unknown>) => {
      const beganAtMs = performance.now()
      const measured = (code: status): void =>
        measure(beganAtMs, {
          'rpc.system.name': 'grpc',
          'rpc.method': `${rpcService}/${rpcMethod}`,
          'rpc.response.status_code': status[code],
        })
      const abort = new AbortController()
      call.once('cancelled', () => abort.abort())
      withSpan(
        `${rpcService}/${rpcMethod}`,
        {
          kind: SpanKind.SERVER,
          traceparent: String(call.metadata.get('traceparent')[0] ?? ''),
          attributes: { 'rpc.system': 'grpc', 'rpc.service': rpcService, 'rpc.method': rpcMethod },
        },
        async (span) => {
          try {
            const { caller, person, operator } = admitted(call.metadata)
            if (person !== undefined) {
              span.setAttribute('enduser.id', person)
              if ((await permits?.(person, method.path, call.request)) !== true) {
                tellRefused({ code: personNotPermitted.code, path: method.path, caller, person })
                throw personNotPermitted
              }
            }
            const context = { signal: abort.signal, caller, person, operator }
            const response: unknown = await handle(call.request, call.metadata, context)
            span.setAttribute('rpc.grpc.status_code', status.OK)
            measured(status.OK)
            return () => answer(null, response)
          } catch (error) {
            // It ended because its caller gave up: nobody waits for the answer, and it is no failure of ours.
            if (error === abort.signal.reason) {
              span.setAttribute('rpc.grpc.status_code', status.CANCELLED)
              measured(status.CANCELLED)
              return () => answer(givenUp)
            }
            const shown = toWire(error)
            span.setAttribute('rpc.grpc.status_code', shown.code)
            measured(shown.code)
            if (!(error instanceof GrpcError)) {
              markFailed(span, error)
              log?.error(
                { code: 'GRPC_HANDLER_FAILED', method: method.path, err: error },
                'a gRPC call failed',
              )
            }
            return () => answer(shown)
          }
        },
      ).then(
        (send) => send(),
        (error: unknown) => answer(toWire(error)),
      )
    }
  }
  return implementation
}

const givenUp = { code: status.CANCELLED }

const personNotPermitted = grpcError(
  status.PERMISSION_DENIED,
  'PERSON_NOT_PERMITTED',
  'This person may not have this done.',
)
