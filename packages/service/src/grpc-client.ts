import {
  type ChannelCredentials,
  type Client,
  type ClientOptions,
  Metadata,
  type ServiceError,
  credentials,
} from '@grpc/grpc-js'
import { SpanKind } from '@opentelemetry/api'
import type { Position } from '@parley/eventlog'
import { GRPC_MESSAGE_BYTES_MAX, fromWire } from './grpc-status.ts'
import { namePositions } from './seen-position.ts'
import { currentTraceparent, withSpan } from './spans.ts'

/** A client of a ts-proto service at host:port: `grpcClient(ArchiveServiceClient, '127.0.0.1:4715')`. Close it with `client.close()`. */
export function grpcClient<GrpcClient extends Client>(
  ClientClass: new (
    address: string,
    credentials: ChannelCredentials,
    options?: Partial<ClientOptions>,
  ) => GrpcClient,
  address: string,
): GrpcClient {
  return new ClientClass(address, credentials.createInsecure(), {
    'grpc.max_receive_message_length': GRPC_MESSAGE_BYTES_MAX,
    'grpc.max_send_message_length': GRPC_MESSAGE_BYTES_MAX,
    'grpc.keepalive_time_ms': 30_000,
    // After a restart of the other side, do not wait up to two minutes to try again.
    'grpc.max_reconnect_backoff_ms': 2_000,
  })
}

type Unary<Request, Response> = (
  request: Request,
  metadata: Metadata,
  options: { deadline: number },
  callback: (error: ServiceError | null, response: Response) => void,
) => unknown

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
 * @param options.seen Records of the events topic that the answer must have seen, of a service that answers from a read model.
 * @throws {GrpcError} with the gRPC status and the other side's stable code (the status's name when it gave none)
 */
export function grpcCall<GrpcClient extends Client, Name extends MethodNames<GrpcClient>>(
  client: GrpcClient,
  method: Name,
  request: RequestOf<GrpcClient[Name]>,
  { timeoutMs, seen = [] }: { readonly timeoutMs: number; readonly seen?: readonly Position[] },
): Promise<ResponseOf<GrpcClient[Name]>> {
  const call = client[method] as Unary<typeof request, ResponseOf<GrpcClient[Name]>>
  return withSpan(
    `call ${String(method)}`,
    { kind: SpanKind.CLIENT, attributes: { 'rpc.system': 'grpc' } },
    () => {
      const metadata = new Metadata()
      metadata.set('traceparent', currentTraceparent())
      namePositions(metadata, seen)
      return new Promise<ResponseOf<GrpcClient[Name]>>((resolve, reject) => {
        call.call(client, request, metadata, { deadline: Date.now() + timeoutMs }, (error, response) => {
          if (error === null) resolve(response)
          else reject(fromWire(error))
        })
      })
    },
  )
}
