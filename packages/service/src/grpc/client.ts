import {
  type ChannelCredentials,
  type Client,
  type ClientOptions,
  InterceptingCall,
  type Interceptor,
  Metadata,
  type ServiceError,
  credentials,
} from '@grpc/grpc-js'
import { SpanKind } from '@opentelemetry/api'
import type { Position } from '@parley/eventlog'
import { PERSON } from './access.ts'
import { GRPC_MESSAGE_BYTES_MAX, fromWire } from './status.ts'
import { namePositions } from './seen-position.ts'
import { currentTraceparent, withSpan } from '../telemetry/spans.ts'

/** How a caller shows who it is. Of a service: its `grpcIdentity`. */
export interface CallerCredentials {
  readonly channel: ChannelCredentials
  /** Metadata of each call of this gRPC service, such as `parley.archive.v1.ArchiveService`. */
  headersFor(grpcService: string): Promise<Readonly<Record<string, string>>>
}

/** Of whoever was given metadata to call with, as `.data/stack.json` gives `grpcMetadata` to tools. */
export function heldCredentials(metadata: Readonly<Record<string, string>>): CallerCredentials {
  return { channel: credentials.createInsecure(), headersFor: async () => metadata }
}

/** Less than what a server waits for (`GrpcLimits.idleMs`): a call that goes out while the connection is ended from there could be lost. */
const CLIENT_IDLE_MS = 4 * 60_000

/** A client of a ts-proto service at host:port: `grpcClient(ArchiveServiceClient, '127.0.0.1:4715', identity)`. Close it with `client.close()`. */
export function grpcClient<GrpcClient extends Client>(
  ClientClass: {
    new (address: string, credentials: ChannelCredentials, options?: Partial<ClientOptions>): GrpcClient
    readonly serviceName: string
  },
  address: string,
  caller: CallerCredentials,
): GrpcClient {
  return new ClientClass(address, caller.channel, {
    interceptors: [showing(caller, ClientClass.serviceName)],
    'grpc.max_receive_message_length': GRPC_MESSAGE_BYTES_MAX,
    'grpc.max_send_message_length': GRPC_MESSAGE_BYTES_MAX,
    'grpc.keepalive_time_ms': 30_000,
    'grpc.client_idle_timeout_ms': CLIENT_IDLE_MS,
    // After a restart of the other side, do not wait up to two minutes to try again.
    'grpc.max_reconnect_backoff_ms': 2_000,
    // What is called is ours. With `http_proxy` set, as whole companies have it, each call would else go out to that proxy, with its key, and come to nothing.
    'grpc.enable_http_proxy': 0,
  })
}

function showing(caller: CallerCredentials, grpcService: string): Interceptor {
  const show = async (metadata: Metadata): Promise<void> => {
    for (const [name, value] of Object.entries(await caller.headersFor(grpcService)))
      metadata.set(name, value)
  }
  return (options, nextCall) =>
    new InterceptingCall(nextCall(options), {
      start: (metadata, listener, next) => void show(metadata).finally(() => next(metadata, listener)),
    })
}

type Unary<Request, Response> = (
  request: Request,
  metadata: Metadata,
  options: { deadline: number },
  callback: (error: ServiceError | null, response: Response) => void,
) => { cancel(): void }

type MethodNames<GrpcClient> = {
  // oxlint-disable-next-line typescript/no-explicit-any
  [Name in keyof GrpcClient]: GrpcClient[Name] extends Unary<any, any>
    ? Name extends keyof Client
      ? never
      : Name
    : never
}[keyof GrpcClient]
type RequestOf<Method> = Method extends Unary<infer Request, infer _> ? Request : never
type ResponseOf<Method> = Method extends Unary<infer _, infer Response> ? Response : never

/**
 * One unary call with a deadline, in the active trace.
 * @param options.person The id of the person for whom it is made, where the method is called for people.
 * @param options.signal Ends it, on both sides, and is what it fails with then: of what nobody waits for any more.
 * @param options.seen Records of the events topic that the answer must have seen, of a service that answers from a read model.
 * @throws {GrpcError} with the gRPC status and the other side's stable code (the status's name when it gave none)
 */
export function grpcCall<GrpcClient extends Client, Name extends MethodNames<GrpcClient>>(
  client: GrpcClient,
  method: Name,
  request: RequestOf<GrpcClient[Name]>,
  {
    timeoutMs,
    seen = [],
    person,
    signal,
  }: {
    readonly timeoutMs: number
    readonly seen?: readonly Position[]
    readonly person?: string
    readonly signal?: AbortSignal | undefined
  },
): Promise<ResponseOf<GrpcClient[Name]>> {
  const call = client[method] as Unary<typeof request, ResponseOf<GrpcClient[Name]>>
  return withSpan(
    `call ${String(method)}`,
    { kind: SpanKind.CLIENT, attributes: { 'rpc.system': 'grpc' } },
    () => {
      const metadata = new Metadata()
      metadata.set('traceparent', currentTraceparent())
      namePositions(metadata, seen)
      if (person !== undefined) metadata.set(PERSON, person)
      return new Promise<ResponseOf<GrpcClient[Name]>>((resolve, reject) => {
        signal?.throwIfAborted()
        const options = { deadline: Date.now() + timeoutMs }
        const underWay = call.call(client, request, metadata, options, (error, response) => {
          signal?.removeEventListener('abort', end)
          if (error === null) resolve(response)
          else reject(signal?.aborted === true ? signal.reason : fromWire(error))
        })
        const end = () => underWay.cancel()
        signal?.addEventListener('abort', end)
      })
    },
  )
}
