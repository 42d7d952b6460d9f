// One customer, the rules and the robot, all as they are, without services in between: whatever they could be late with, a test decides.
import { type ConversationEvent, messageIn } from '@parley/conversation'
import type { ReadEvent } from '@parley/eventlog'
import { MessageBody } from '@parley/proto/content'
import { checkFlow } from '../../services/bot/src/flow/checking.ts'
import { completeTurn, respondRequest, whatIsWrongWith } from '../../services/bot/src/turn/answering.ts'
import { flowLibrary } from '../../services/bot/src/turn/library.ts'
import { type RespondPorts, respond } from '../../services/bot/src/turn/respond.ts'
import {
  Story,
  type Told,
  edits,
  isSent,
  issuesLink,
  revokes,
  says,
} from '../../services/routing/test/story.ts'

/** A message of ours as the phone shows it. */
export interface Shown {
  readonly messageId: string
  readonly providerMessageId: string
  readonly words: string
  /** Titles by id of what can be tapped. */
  readonly options: ReadonlyMap<string, string>
}

export interface Written {
  readonly providerMessageId: string
  readonly text: string
}

export class Chat {
  readonly story = new Story()
  /** What the customer sees, in order. It is there before the rules hear that it was sent. */
  readonly phone: Shown[] = []
  /** The steps that called others, in order. */
  readonly calls: string[] = []
  readonly #robot: RespondPorts
  /** On the phone, and not on record yet. */
  #unreported: Shown[] = []
  #wrote = 0

  constructor(file: string, source: string) {
    const { flow, problems } = checkFlow(file, source)
    if (!flow) throw new Error(JSON.stringify(problems))
    const archive = { keep: async () => {}, find: async () => undefined }
    this.#robot = {
      library: flowLibrary(flow, [flow], archive),
      call: async ({ step }) => {
        this.calls.push(step)
        return { ok: true, json: {} }
      },
      calendars: async () => undefined,
      secrets: {},
    }
  }

  // --- the customer ---

  write(
    text: string,
    more: { readonly occurredAt?: string; readonly quotes?: Shown | Written } = {},
  ): Written {
    const { occurredAt, quotes } = more
    const providerMessageId = this.#nextId()
    this.story.when(
      says(text, {
        providerMessageId,
        ...(occurredAt === undefined ? {} : { occurredAt }),
        ...(quotes === undefined ? {} : { replyToProviderMessageId: quotes.providerMessageId }),
      }),
    )
    return { providerMessageId, text }
  }

  tap({ providerMessageId: on, options }: Shown, id: string): void {
    const value = { source: 'button_reply', id, title: options.get(id) ?? '' }
    const message = MessageBody.fromPartial({ body: { $case: 'choice', value } })
    this.send(message, 'interactive', on)
  }

  send(message: MessageBody, type: string, replyToProviderMessageId = ''): void {
    const providerMessageId = this.#nextId()
    this.story.when(says('', { providerMessageId, type, message, replyToProviderMessageId }))
  }

  edit({ providerMessageId }: Written, text: string): void {
    this.story.when(edits(providerMessageId, text))
  }

  delete({ providerMessageId }: Written): void {
    this.story.when(revokes(providerMessageId))
  }

  /** The newest message on the phone that can be tapped. */
  get offer(): Shown | undefined {
    return this.phone.findLast(({ options }) => options.size > 0)
  }

  /** The words of all that was asked to be sent, in order. */
  get words(): readonly string[] {
    return this.story.events.flatMap((event) =>
      event.type === 'MessageSendRequested' ? [shownOf(event).words] : [],
    )
  }

  // --- the services, one act at a time ---

  /** @returns false when there is nothing to do */
  async act(): Promise<boolean> {
    const reported = this.#unreported.shift()
    if (reported !== undefined) {
      this.story.when(isSent(reported.messageId, reported.providerMessageId))
      return true
    }
    return this.show() || (await this.answer()) || this.#issueLink()
  }

  /** The channel puts the next message on the phone; the rules do not know yet. */
  show(): boolean {
    const waiting = this.story.state.messages.find(
      (message) =>
        message.by === 'us' &&
        message.status === 'queued' &&
        !this.#unreported.some(({ messageId }) => messageId === message.id),
    )
    if (waiting === undefined) return false
    const request = this.story.events.findLast(
      (event) => event.type === 'MessageSendRequested' && event.data.messageId === waiting.id,
    )
    const shown = shownOf(request!)
    this.phone.push(shown)
    this.#unreported.push(shown)
    return true
  }

  async answer(): Promise<boolean> {
    const { conversation } = this.story.state
    if (conversation.stage !== 'with_robot' || conversation.robot.step !== 'answering') return false
    const turn = this.story.events.findLast(({ type }) => type === 'BotTurnRequested') as ReadEvent<
      Extract<ConversationEvent, { type: 'BotTurnRequested' }>
    >
    const responded = await respond(this.#robot, respondRequest(turn), new AbortController().signal)
    if ('failed' in responded) throw new Error(responded.failed)
    const wrong = whatIsWrongWith(responded.response)
    if (wrong !== undefined) throw new Error(wrong)
    this.story.when(completeTurn(turn, responded.response, new Date(this.story.at)))
    return true
  }

  #issueLink(): boolean {
    const { conversation } = this.story.state
    if (conversation.stage !== 'ending' || conversation.awaits.what !== 'link') return false
    this.story.when(issuesLink(conversation.id))
    return true
  }

  /** Until nothing is left to do. */
  async settle(): Promise<this> {
    while (await this.act());
    return this
  }

  /** What came onto the phone during this. */
  async during(act: () => void): Promise<readonly string[]> {
    const before = this.phone.length
    act()
    await this.settle()
    return this.phone.slice(before).map(({ words }) => words)
  }

  #nextId(): string {
    this.#wrote += 1
    return `wamid.customer.${this.#wrote}`
  }
}

function shownOf({ data, envelope }: Told): Shown {
  const messageId = 'messageId' in data ? data.messageId : ''
  const body = messageIn(envelope.content)?.body
  const common = { messageId, providerMessageId: `wamid.of.${messageId}` }
  switch (body?.$case) {
    case 'text':
      return { ...common, words: body.value.text, options: new Map() }
    case 'buttons':
      return {
        ...common,
        words: body.value.text,
        options: new Map(body.value.buttons.map(({ id, title }) => [id, title])),
      }
    case 'list':
      return {
        ...common,
        words: body.value.text,
        options: new Map(body.value.sections.flatMap(({ rows }) => rows).map(({ id, title }) => [id, title])),
      }
    case 'linkButton':
      return { ...common, words: body.value.text, options: new Map() }
    default:
      throw new Error('The robot says texts, buttons, lists and links.')
  }
}
