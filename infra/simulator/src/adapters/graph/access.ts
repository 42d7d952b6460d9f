import { timingSafeEqual } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { graphError } from '../../graph/errors.ts'
import { parametersOf, queryOf, refuse } from './answers.ts'

/** Calls without the company's token are refused. */
export class TokenCheck {
  readonly #accessToken: string
  readonly #uploadBodyBytesMax: number

  constructor(accessToken: string, uploadBodyBytesMax: number) {
    this.#accessToken = accessToken
    this.#uploadBodyBytesMax = uploadBodyBytesMax
  }

  /** Only a form may have the token in its body, and none that is larger than a message: whoever has none is not listened to. */
  readonly beforeBody = async (
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<FastifyReply | undefined> => {
    const mayTellLater = isForm(request) && request.routeOptions.bodyLimit !== this.#uploadBodyBytesMax
    return tokenOf(request) === undefined && mayTellLater ? undefined : this.withBody(request, reply)
  }

  readonly withBody = async (
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<FastifyReply | undefined> => {
    const token = tokenOf(request)
    if (token !== undefined && isSameText(token, this.#accessToken)) return undefined
    return refuse(reply, graphError(190, ''))
  }
}

const isForm = ({ headers }: FastifyRequest): boolean =>
  headers['content-type']?.includes('urlencoded') === true

const tokenOf = (request: FastifyRequest): string | undefined =>
  /^(?:Bearer|OAuth)\s+(.+)$/i.exec(request.headers.authorization ?? '')?.[1] ??
  queryOf(request)['access_token'] ??
  textIn(typeof request.body === 'object' && isForm(request) ? parametersOf(request)?.['access_token'] : '')

/** What is said to be a form may be JSON, with whatever in it. */
const textIn = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined

const isSameText = (a: string, b: string): boolean => {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length === right.length && timingSafeEqual(left, right)
}
