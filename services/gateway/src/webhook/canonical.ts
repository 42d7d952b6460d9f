import type { ConsentWish } from '@parley/conversation'
import type { AdReferral, MessageBody } from '@parley/proto/content'
import type { DeepPartial } from '@parley/proto/content'
import type { Timed } from './json-values.ts'

/** The names under which the provider knows one customer. Empty: not told. */
export interface CustomerNames {
  readonly waId: string
  readonly userId: string
  readonly parentUserId: string
  readonly name: string
  readonly username: string
}

interface InChat extends Timed {
  readonly accountId: string
  /** The provider's id of this message, edit, revocation or reaction. */
  readonly providerId: string
  /** Whose chat it is. */
  readonly sender: CustomerNames
  /** Not the customer did it: somebody of the company, in the WhatsApp Business app. */
  readonly isEcho?: true
  readonly raw: Buffer
}

/** What one element of a webhook says, in our words. */
export type WebhookItem =
  | (InChat & {
      readonly kind: 'message'
      /** The provider's word. */
      readonly type: string
      readonly body: DeepPartial<MessageBody>
      readonly consent: ConsentWish | undefined
      readonly replyTo: string
      readonly forwarded: boolean
      readonly frequentlyForwarded: boolean
      readonly referral: DeepPartial<AdReferral> | undefined
    })
  /** A message of the company's, written in the WhatsApp Business app. */
  | (InChat & {
      readonly kind: 'echo'
      readonly type: string
      readonly body: DeepPartial<MessageBody>
      readonly replyTo: string
    })
  | (InChat & {
      readonly kind: 'edit'
      readonly target: string
      readonly body: DeepPartial<MessageBody>
      readonly consent: ConsentWish | undefined
    })
  | (InChat & { readonly kind: 'revocation'; readonly target: string })
  | (InChat & { readonly kind: 'reaction'; readonly target: string; readonly emoji: string })
  /** The notice that the sender has other names now. It is a message too, and read as one beside this. */
  | (InChat & { readonly kind: 'namesChange'; readonly next: CustomerNames })
  | (Timed & {
      readonly kind: 'status'
      readonly accountId: string
      readonly providerId: string
      /** Ours, when the provider echoed it. */
      readonly messageId: string
      readonly recipient: CustomerNames
      readonly status: string
      readonly providerCode: number
      readonly providerTitle: string
      readonly raw: Buffer
    })
  | (Timed & {
      readonly kind: 'preference'
      readonly accountId: string
      readonly sender: CustomerNames
      readonly category: string
      readonly value: string
      readonly raw: Buffer
    })

/** What could not be taken further: kept as a dead letter, answered with 200 (a 4xx makes Meta repeat it for days). */
export interface OddPart {
  readonly code:
    | 'UNKNOWN_OBJECT'
    | 'UNKNOWN_ENTRY'
    | 'UNKNOWN_FIELD'
    | 'UNKNOWN_NUMBER'
    | 'UNKNOWN_ELEMENT'
    | 'UNKNOWN_STATUS'
    | 'UNKNOWN_RECIPIENT'
    | 'NO_SENDER'
    | 'GROUP_NOT_SUPPORTED'
    | 'PROVIDER_ERROR'
    | 'RAW_TOO_LARGE'
    | 'TOO_OLD'
    | 'TOO_MANY_ELEMENTS'
    | 'TOO_MANY_ODD_PARTS'
  readonly reason: string
  /** The exact bytes. */
  readonly value: Buffer
  readonly accountId: string
}

export interface ReadWebhook {
  readonly items: readonly WebhookItem[]
  readonly oddParts: readonly OddPart[]
  /** Of the whole body, which lives as long as any of them. */
  readonly bytes: number
}

export type Webhook =
  | ({ readonly readable: true } & ReadWebhook)
  | { readonly readable: false; readonly reason: string }
