import { createHmac } from 'node:crypto'

export const ACCOUNT = '106540352242922'
export const RECEIVED_AT = Date.UTC(2026, 0, 5, 12)
export const READING = { receivedAt: RECEIVED_AT, knownAccounts: new Set([ACCOUNT]) }

export const SENDER = {
  profile: { name: 'Sheena Nelson', username: 'sheena' },
  wa_id: '16505551234',
  user_id: 'US.13491208655302741918',
  parent_user_id: 'US.ENT.11815799212886844830',
}

export type Json = Readonly<Record<string, unknown>>

export function messageOf(fields: Json): Json {
  return { from: '16505551234', id: 'wamid.X', timestamp: '1749416383', ...fields }
}

export function valueOf(fields: Json): Json {
  return {
    messaging_product: 'whatsapp',
    metadata: { display_phone_number: '15550783881', phone_number_id: ACCOUNT },
    ...fields,
  }
}

export function webhookOf(...changes: readonly Json[]): Json {
  return { object: 'whatsapp_business_account', entry: [{ id: '102290129340398', changes }] }
}

export function messagesWebhook(messages: readonly unknown[], more: Json = {}): Json {
  return webhookOf({ field: 'messages', value: valueOf({ contacts: [SENDER], messages, ...more }) })
}

export function statusesWebhook(...statuses: readonly unknown[]): Json {
  return webhookOf({ field: 'messages', value: valueOf({ statuses }) })
}

export function bodyOf(json: unknown): Buffer {
  return Buffer.from(JSON.stringify(json))
}

export function signatureOf(body: Uint8Array, secret: string): string {
  return `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`
}
