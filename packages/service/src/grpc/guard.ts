import type { EventEmitter } from 'node:events'
import type { IncomingHttpHeaders } from 'node:http'
import {
  type Metadata,
  type Server,
  ServerInterceptingCall,
  type ServerInterceptingCallInterface,
  type ServerInterceptor,
  status,
} from '@grpc/grpc-js'
import { metrics } from '@opentelemetry/api'
import { type Caller, OPERATOR, PERSON, permittedCallers } from './access.ts'
import type { GrpcIdentity } from './identity.ts'
import { GrpcError, grpcError, toWire } from './status.ts'
import type { RefusedCall } from './refused-calls.ts'

/** Who was let in. */
export interface Admitted {
  readonly caller: Caller
  /** The id of the person for whom it calls. */
  readonly person: string | undefined
  /** Who is at the terminal, of calls of an operator's that say so. */
  readonly operator: string | undefined
}

/** Open to everybody, unless a setting says otherwise: what orchestrators ask. */
export const HEALTH_SERVICE = 'grpc.health.v1.Health'
const PERSON_ID = /^[\w.@-]{1,100}$/
const OPERATOR_NAME = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]{1,200}$/u

/**
 * Lets a call in, or answers it, before anything but its headers is read: UNAUTHENTICATED whatever it calls, then PERMISSION_DENIED.
 * `admitted` says afterwards who came in with some metadata: by the object, so that no header can claim it.
 */
export function guard(
  identity: GrpcIdentity,
  tellRefused: (call: RefusedCall) => void,
): { readonly interceptor: ServerInterceptor; admitted(metadata: Metadata): Admitted } {
  const inside = new WeakMap<Metadata, Admitted>()
  const refused = metrics.getMeter('@parley/service').createCounter('parley.grpc.refused', { unit: '{call}' })
  const decide = async (
    call: ServerInterceptingCallInterface,
    metadata: Metadata,
    path: string,
  ): Promise<void | GrpcError> => {
    const caller = await identity.callerOf(call, metadata, path)
    const answer = caller === undefined ? CALLER_UNKNOWN : admit(caller, metadata, path)
    if (answer instanceof GrpcError) {
      refused.add(1, { code: answer.code })
      // Strangers write neither our log nor the audit: they are counted.
      if (caller !== undefined) tellRefused({ code: answer.code, path, caller })
      return answer
    }
    inside.set(metadata, answer)
  }
  return {
    interceptor: ({ path }, call) => {
      if (identity.tellsHealth && path.startsWith(`/${HEALTH_SERVICE}/`))
        return new ServerInterceptingCall(call)
      return new ServerInterceptingCall(call, {
        start: (next) =>
          next({
            onReceiveMetadata(metadata, letIn) {
              void decide(call, metadata, path).then((refusal) =>
                refusal === undefined ? letIn(metadata) : call.sendStatus(toWire(refusal)),
              )
            },
          }),
      })
    },
    admitted(metadata) {
      const who = inside.get(metadata)
      if (who === undefined) throw CALLER_UNKNOWN
      return who
    },
  }
}

const CALLER_UNKNOWN = grpcError(
  status.UNAUTHENTICATED,
  'CALLER_UNKNOWN',
  'The call does not show who makes it. Services show a certificate or a token of theirs; a tool on the local stack sends the grpcMetadata of .data/stack.json.',
)

function admit(caller: Caller, metadata: Metadata, path: string): Admitted | GrpcError {
  const permitted = permittedCallers(path)
  // Of what is in no list only reflection is served; the rest is not implemented.
  const standing = permitted === undefined ? 'itself' : permitted[caller]
  if (standing === undefined)
    return grpcError(
      status.PERMISSION_DENIED,
      'CALLER_NOT_PERMITTED',
      `${caller} may not call this method. Who may call what: docs/reference/grpc-access.md.`,
    )
  const operators = metadata.get(OPERATOR).map((name) => decoded(String(name)))
  const [operator] = operators
  if (
    operators.length > 0 &&
    (caller !== 'operator' || operators.length > 1 || !OPERATOR_NAME.test(operator ?? ''))
  )
    return operatorRefused
  const people = metadata.get(PERSON).map(String)
  if (standing === 'itself')
    return people.length === 0 ? { caller, person: undefined, operator } : personRefused
  const [person = ''] = people
  if (people.length === 1 && PERSON_ID.test(person)) return { caller, person, operator }
  return grpcError(
    status.PERMISSION_DENIED,
    'PERSON_MISSING',
    `${caller} calls this method for a person only: name one id in the metadata ${PERSON}.`,
  )
}

const personRefused = grpcError(
  status.PERMISSION_DENIED,
  'PERSON_REFUSED',
  `This caller does not call this method for people: leave the metadata ${PERSON} away.`,
)

const operatorRefused = grpcError(
  status.PERMISSION_DENIED,
  'OPERATOR_REFUSED',
  `The metadata ${OPERATOR} is one name, percent-encoded, of at most 200 characters, and only an operator's call has it.`,
)

/** Several headers of one name arrive as one, with commas between, which no encoded name has. */
function decoded(text: string): string {
  try {
    return text.includes(',') ? '' : decodeURIComponent(text)
  } catch {
    return ''
  }
}

const REFLECTION = '/grpc.reflection.'

/**
 * grpc-js answers a method that it does not know before any interceptor runs, and so tells strangers which methods there are. With this
 * every path has a handler, and whoever was let in learns from it that there is no such method.
 * @param addReflection done when it is first called for: it takes a twentieth of a start, and few ask
 */
export function guardUnknownMethods(server: Server, addReflection?: () => void): void {
  const inner = server as unknown as { _retrieveHandler(path: string): object | null }
  const find = inner._retrieveHandler.bind(server)
  let add = addReflection
  inner._retrieveHandler = (path) => {
    if (add !== undefined && path.startsWith(REFLECTION)) {
      add()
      add = undefined
    }
    return find(path) ?? notImplemented(path)
  }
}

/**
 * grpc-js answers a call whose deadline it cannot read before any interceptor runs, and ends at once one whose deadline is further away than
 * a timer of Node's can count. Such a call has none: who makes it is asked first, and whoever is let in is answered.
 * @param listener emits the streams that grpc-js serves
 */
export function guardDeadlines(listener: EventEmitter): void {
  listener.prependListener('stream', (_stream: unknown, headers: IncomingHttpHeaders) => {
    const timeout = headers['grpc-timeout']
    if (timeout !== undefined && !canBeKept(String(timeout))) delete headers['grpc-timeout']
  })
}

/** https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md#requests */
function canBeKept(timeout: string): boolean {
  const [, count = '', unit = ''] = /^(\d{1,8})([HMSmun])$/.exec(timeout) ?? []
  return Number(count) * (UNIT_MS.get(unit) ?? Infinity) <= TIMER_MS_MAX
}
const UNIT_MS: ReadonlyMap<string, number> = new Map([
  ['H', 3_600_000],
  ['M', 60_000],
  ['S', 1_000],
  ['m', 1],
  ['u', 0.001],
  ['n', 0.000001],
])
const TIMER_MS_MAX = 2 ** 31 - 1

const bytes = (value: Buffer): Buffer => value

/** As a stream of both sides: it is answered without waiting for a message. */
function notImplemented(path: string): object {
  const error = grpcError(status.UNIMPLEMENTED, 'METHOD_UNKNOWN', 'There is no such method here.')
  const func = (call: EventEmitter): void => void call.emit('error', toWire(error))
  return { path, type: 'bidi', serialize: bytes, deserialize: bytes, func }
}
