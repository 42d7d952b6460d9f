import { z } from 'zod'
import { isBsuid, waIdOf } from '../customer/identity.ts'
import { graphError, type GraphError } from './errors.ts'
import type { Parameters } from './parameters.ts'

/** Limits of docs/reference/whatsapp.md, Outbound messages. A character is a code point. */
const text = (longest: number) =>
  z
    .string()
    .min(1)
    .refine((value) => value.length <= longest || Array.from(value).length <= longest, {
      message: `length must be between 1 and ${longest} characters`,
    })

const coordinate = (bound: number) => z.coerce.number().min(-bound).max(bound)
const webLink = z
  .string()
  .max(2000)
  .regex(/^https?:\/\/\S+$/i, 'must be an http or https URL')

const media = (extra: z.ZodRawShape = {}) =>
  z
    .object({ id: z.coerce.string().min(1).optional(), link: webLink.optional(), ...extra })
    .refine((value) => (value.id === undefined) !== (value.link === undefined), {
      message: 'needs exactly one of id and link',
    })

const caption = { caption: text(1024).nullish() }
const image = media(caption)
const video = media(caption)
const document = media({ ...caption, filename: z.string().max(240).nullish() })

const textHeader = z.object({ type: z.literal('text'), text: text(60) })
const anyHeader = z.discriminatedUnion('type', [
  textHeader,
  z.object({ type: z.literal('image'), image: media() }),
  z.object({ type: z.literal('video'), video: media() }),
  z.object({ type: z.literal('document'), document: media({ filename: z.string().nullish() }) }),
])
const framed = { body: z.object({ text: text(1024) }), footer: z.object({ text: text(60) }).nullish() }

const unique = (ids: readonly string[]): boolean => new Set(ids).size === ids.length

const replyButtons = z.object({
  type: z.literal('button'),
  ...framed,
  header: anyHeader.nullish(),
  action: z.object({
    buttons: z
      .array(z.object({ type: z.literal('reply'), reply: z.object({ id: text(256), title: text(20) }) }))
      .min(1)
      .max(3)
      .refine((buttons) => unique(buttons.map(({ reply }) => reply.id)), { message: 'ids must differ' })
      .refine((buttons) => unique(buttons.map(({ reply }) => reply.title)), {
        message: 'titles must differ',
      }),
  }),
})

const list = z.object({
  type: z.literal('list'),
  ...framed,
  header: textHeader.nullish(),
  action: z.object({
    button: text(20),
    sections: z
      .array(
        z.object({
          title: text(24).nullish(),
          rows: z
            .array(
              z.object({ id: text(200), title: text(24), description: text(72).or(z.literal('')).nullish() }),
            )
            .min(1),
        }),
      )
      .min(1)
      .max(10)
      .refine((sections) => sections.flatMap(({ rows }) => rows).length <= 10, {
        message: 'rows of all sections together must be at most 10',
      })
      .refine((sections) => unique(sections.flatMap(({ rows }) => rows.map(({ id }) => id))), {
        message: 'row ids must differ',
      })
      .refine((sections) => sections.length === 1 || sections.every(({ title }) => Boolean(title)), {
        message: 'each section needs a title when there is more than one',
      }),
  }),
})

const linkButton = z.object({
  type: z.literal('cta_url'),
  ...framed,
  header: anyHeader.nullish(),
  action: z.object({
    name: z.literal('cta_url'),
    parameters: z.object({ display_text: text(20), url: webLink }),
  }),
})

/** Interactive types that nothing here sends; they are taken with their frame checked, and shown by name. */
const otherInteractive = z.object({
  type: z.enum([
    'location_request_message',
    'flow',
    'product',
    'product_list',
    'catalog_message',
    'address_message',
    'call_permission_request',
    'voice_call',
    'carousel',
  ]),
  action: z.record(z.string(), z.unknown()).optional(),
})

const contactCard = z.object({
  name: z.object({ formatted_name: text(256) }),
  phones: z.array(z.object({ phone: z.string().nullish() })).nullish(),
})

const template = z.object({
  name: z.string().min(1).max(512),
  language: z.object({ code: z.string().min(2) }),
  components: z
    .array(z.object({ type: z.string(), parameters: z.array(z.object({ type: z.string() })).nullish() }))
    .nullish(),
})

const contentByType = {
  text: z.object({ body: text(4096) }),
  image,
  video,
  document,
  audio: media(),
  sticker: media(),
  location: z.object({ latitude: coordinate(90), longitude: coordinate(180) }),
  contacts: z.array(contactCard).min(1).max(257),
  reaction: z.object({ message_id: z.string().min(1), emoji: z.string().max(32) }),
  interactive: z.discriminatedUnion('type', [replyButtons, list, linkButton, otherInteractive]),
  template,
} as const

export type OutboundType = keyof typeof contentByType
const isOutboundType = (type: string): type is OutboundType => Object.hasOwn(contentByType, type)

/** Types that exist, but only in the other direction. */
const inboundOnly = new Set([
  'button',
  'order',
  'system',
  'unsupported',
  'unknown',
  'revoke',
  'edit',
  'request_welcome',
])

export interface OutboundMessage {
  /** What the caller wrote: `input` of the answer. */
  readonly input: string
  readonly address:
    | { readonly kind: 'wa_id'; readonly waId: string }
    | { readonly kind: 'bsuid'; readonly userId: string }
  readonly type: OutboundType
  readonly content: unknown
  readonly template?: z.infer<typeof template>
  readonly callbackData?: string
  readonly body: Parameters
}

const fieldName = (type: string, path: readonly PropertyKey[]): string =>
  type + path.map((step) => `[${typeof step === 'number' ? step : `'${String(step)}'`}]`).join('')

const valueAt = (value: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>(
    (at, step) =>
      typeof at === 'object' && at !== null ? (at as Record<PropertyKey, unknown>)[step] : undefined,
    value,
  )

/** Meta tells a missing field (131008), a field of a wrong type (100) and a wrong value (131009) apart. */
const contentError = (type: string, content: unknown, error: z.ZodError): GraphError => {
  const issue = error.issues[0]
  const path = issue?.path ?? []
  const field = fieldName(type, path)
  const missing = valueAt(content, path) === undefined && issue?.code !== 'custom'
  if (missing) return graphError(131008, `The parameter ${field} is required.`)
  if (issue?.code === 'invalid_type') return graphError(100, `${field}: ${issue.message}`)
  return graphError(131009, `${field}: ${issue?.message ?? 'not valid'}`)
}

const recipientOf = (body: Parameters): Pick<OutboundMessage, 'input' | 'address'> | GraphError => {
  const to = typeof body['to'] === 'number' ? String(body['to']) : body['to']
  // docs/reference/whatsapp.md: if both are given, `to` wins.
  if (typeof to === 'string' && to !== '') {
    const waId = waIdOf(to)
    return waId === undefined
      ? graphError(131009, 'to must be a phone number; a business-scoped user id goes into recipient.')
      : { input: to, address: { kind: 'wa_id', waId } }
  }
  const recipient = body['recipient']
  if (typeof recipient === 'string' && recipient !== '') {
    return isBsuid(recipient)
      ? { input: recipient, address: { kind: 'bsuid', userId: recipient } }
      : graphError(131009, 'recipient must be a business-scoped user id.')
  }
  return graphError(100, 'The parameter to is required.')
}

/** Reads a body of `POST /{phone}/messages` that asks to send something. */
export const readOutbound = (body: Parameters): OutboundMessage | GraphError => {
  if (body['messaging_product'] !== 'whatsapp') {
    return graphError(100, "The parameter messaging_product is required and must be 'whatsapp'.")
  }
  const recipientType = body['recipient_type'] ?? 'individual'
  if (recipientType !== 'individual') {
    return graphError(131009, "recipient_type must be 'individual': this number has no groups.")
  }
  const recipient = recipientOf(body)
  if ('code' in recipient) return recipient

  const type = body['type'] ?? 'text'
  if (typeof type !== 'string') return graphError(100, 'Param type must be a string.')
  if (inboundOnly.has(type)) return graphError(131051, `Messages of type ${type} cannot be sent.`)
  if (!isOutboundType(type)) {
    return graphError(
      100,
      `Param type must be one of {${Object.keys(contentByType).join(', ').toUpperCase()}} - got "${type}".`,
    )
  }
  const callbackData = body['biz_opaque_callback_data'] ?? undefined
  if (callbackData !== undefined && (typeof callbackData !== 'string' || callbackData.length > 512)) {
    return graphError(131009, 'biz_opaque_callback_data must be a string of at most 512 characters.')
  }
  const context = z
    .object({ message_id: z.string().min(1) })
    .nullish()
    .safeParse(body['context'])
  if (!context.success) return contentError('context', body['context'], context.error)

  const content = Object.hasOwn(body, type) ? body[type] : undefined
  const parsed = contentByType[type].safeParse(content)
  if (!parsed.success) return contentError(type, content, parsed.error)
  return {
    ...recipient,
    type,
    content,
    ...(type === 'template' ? { template: template.parse(content) } : {}),
    ...(callbackData === undefined ? {} : { callbackData }),
    body,
  }
}

const receipt = z.object({
  messaging_product: z.literal('whatsapp'),
  status: z.literal('read'),
  message_id: z.string().min(1),
  typing_indicator: z.object({ type: z.literal('text') }).nullish(),
})

/** Whether a body marks as read (and perhaps types) rather than sends. */
export const isReceipt = (body: Parameters): boolean => 'status' in body && !('type' in body && 'to' in body)

export const readReceipt = (
  body: Parameters,
): { readonly messageId: string; readonly typing: boolean } | GraphError => {
  const parsed = receipt.safeParse(body)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    const field = issue?.path.join('.') ?? ''
    return graphError(field in body ? 131009 : 100, `The parameter ${field} is required and must be valid.`)
  }
  return { messageId: parsed.data.message_id, typing: Boolean(parsed.data.typing_indicator) }
}
